// Strand: runs tasks one after the other on a pool of threads shared by all strands, for calls that
// may block for a while (state changes of rtspsrc) and must not do so in the main context.
#pragma once

#include "plugins/support/guarded.hpp"

#include <glib.h>

#include <deque>
#include <functional>
#include <memory>
#include <utility>

namespace rtspproxy {

class Strand {
  public:
    using Task = std::function<void()>;

    // Any thread. Tasks run in the order in which they were posted, never two at once. A task that
    // was posted runs even if the strand is gone by then.
    void post(Task task) {
        auto state = state_->lock();
        state->tasks.push_back(std::move(task));
        if (!std::exchange(state->scheduled, true))
            schedule(state_);
    }

  private:
    struct State {
        std::deque<Task> tasks;
        bool scheduled = false;
    };
    using SharedState = std::shared_ptr<Guarded<State>>;

    static void schedule(const SharedState& state) {
        g_thread_pool_push(pool(), std::make_unique<SharedState>(state).release(), nullptr);
    }
    // Without a limit: a camera that hangs must not keep another one waiting. Idle threads end
    // soon.
    static GThreadPool* pool() {
        static GThreadPool* const pool = g_thread_pool_new(run, nullptr, -1, FALSE, nullptr);
        return pool;
    }
    static void run(gpointer data, gpointer) {
        const std::unique_ptr<SharedState> state(static_cast<SharedState*>(data));
        while (Task task = next(**state))
            task();
    }
    static Task next(Guarded<State>& guarded) {
        auto state = guarded.lock();
        if (state->tasks.empty()) {
            state->scheduled = false;
            return {};
        }
        Task task = std::move(state->tasks.front());
        state->tasks.pop_front();
        return task;
    }

    SharedState state_ = std::make_shared<Guarded<State>>();
};

} // namespace rtspproxy
