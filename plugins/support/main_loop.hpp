// Callbacks on a GMainContext as RAII values.
#pragma once

#include "plugins/support/boxed.hpp"

#include <glib-unix.h>
#include <glib.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace rtspproxy {

namespace detail {
inline gboolean call_once(gpointer data) {
    unbox<std::function<void()>>(data)();
    return G_SOURCE_REMOVE;
}
} // namespace detail

// Runs `function` once on the default main context, later, never from within this call. Any thread.
inline void post_to_main(std::function<void()> function) {
    g_idle_add_full(G_PRIORITY_DEFAULT, detail::call_once, box(std::move(function)),
                    free_box<std::function<void()>>);
}

// Likewise, after `delay`.
inline void post_to_main_after(std::chrono::milliseconds delay, std::function<void()> function) {
    g_timeout_add_full(
        G_PRIORITY_DEFAULT, static_cast<guint>(std::max<std::int64_t>(0, delay.count())),
        detail::call_once, box(std::move(function)), free_box<std::function<void()>>);
}

// One deadline on the default main context; setting it again moves it, destroying it cancels it. To
// be used in the main context's thread only.
class Timer {
  public:
    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer() { cancel(); }

    void set(std::chrono::milliseconds delay, std::function<void()> function) {
        cancel();
        id_ = g_timeout_add_full(
            G_PRIORITY_DEFAULT, static_cast<guint>(std::max<std::int64_t>(0, delay.count())),
            [](gpointer data) -> gboolean {
                auto* call = static_cast<Call*>(data);
                call->owner->id_ = 0; // the callback may set the timer again
                call->function();
                return G_SOURCE_REMOVE;
            },
            box(Call{this, std::move(function)}), free_box<Call>);
    }
    void cancel() {
        if (const guint id = std::exchange(id_, 0); id != 0)
            g_source_remove(id);
    }

  private:
    struct Call {
        Timer* owner;
        std::function<void()> function;
    };
    guint id_ = 0;
};

// Calls a function on the default main context whenever a descriptor has something to read, until
// it is destroyed. To be used in the main context's thread only.
class DescriptorWatch {
  public:
    DescriptorWatch() = default;
    DescriptorWatch(const DescriptorWatch&) = delete;
    DescriptorWatch& operator=(const DescriptorWatch&) = delete;
    ~DescriptorWatch() {
        if (id_ != 0)
            g_source_remove(id_);
    }

    // Once.
    void start(int descriptor, std::function<void()> function) {
        id_ = g_unix_fd_add_full(
            G_PRIORITY_DEFAULT, descriptor, G_IO_IN,
            [](gint, GIOCondition, gpointer data) -> gboolean {
                unbox<std::function<void()>>(data)();
                return G_SOURCE_CONTINUE;
            },
            box(std::move(function)), free_box<std::function<void()>>);
    }

  private:
    guint id_ = 0;
};

} // namespace rtspproxy
