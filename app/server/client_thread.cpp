#include "app/server/client_thread.hpp"

#include "plugins/support/main_context.hpp"

#include <future>
#include <memory>
#include <utility>

namespace rtspproxy::server {

// Without a thread GstRTSPServer serves its clients in the main context.
ClientThread::ClientThread(GstRTSPThreadPool* pool)
    : thread_(gst_rtsp_thread_pool_get_thread(pool, GST_RTSP_THREAD_TYPE_CLIENT, nullptr)),
      context_(Ref<GMainContext>::share(thread_ ? thread_->context : g_main_context_default())) {}

void ClientThread::post(std::function<void()> task) {
    post_to(context_.get(), std::move(task));
}

// What GstRTSPServer does about a closed client it does in idle time.
bool ClientThread::finish(std::function<void()> task, std::chrono::milliseconds patience) {
    const auto done = std::make_shared<std::promise<void>>();
    auto finished = done->get_future();
    post([context = context_, task = std::move(task), done] {
        task();
        post_to(
            context.get(), [done] { done->set_value(); }, G_PRIORITY_LOW);
    });
    return finished.wait_for(patience) == std::future_status::ready;
}

} // namespace rtspproxy::server
