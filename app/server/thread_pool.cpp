#include "app/server/thread_pool.hpp"

#include "plugins/support/element.hpp"
#include "plugins/support/guarded.hpp"

namespace rtspproxy::server {
namespace {

struct Part {
    Guarded<ThreadUse> media_thread; // our own use keeps it running
};

} // namespace

struct SharedThreadPool {
    GstRTSPThreadPool parent;
};
struct SharedThreadPoolClass {
    GstRTSPThreadPoolClass parent_class;
};
using SharedThreadPoolPrivate = Part;

G_DEFINE_TYPE_WITH_PRIVATE(SharedThreadPool, shared_thread_pool, GST_TYPE_RTSP_THREAD_POOL)

static Part& part(gpointer self) {
    return *static_cast<Part*>(
        shared_thread_pool_get_instance_private(static_cast<SharedThreadPool*>(self)));
}

static GstRTSPThread* get_thread(GstRTSPThreadPool* pool, GstRTSPThreadType type,
                                 GstRTSPContext* context) noexcept {
    auto* parent = GST_RTSP_THREAD_POOL_CLASS(shared_thread_pool_parent_class);
    if (type != GST_RTSP_THREAD_TYPE_MEDIA)
        return parent->get_thread(pool, type, context);
    auto thread = part(pool).media_thread.lock();
    if (!*thread)
        *thread = ThreadUse(parent->get_thread(pool, type, context));
    gst_rtsp_thread_reuse(thread->get()); // never stopped while we use it
    return thread->get();
}

static void shared_thread_pool_finalize(GObject* self) {
    destroy_private<Part>(&part(self));
    G_OBJECT_CLASS(shared_thread_pool_parent_class)->finalize(self);
}

static void shared_thread_pool_class_init(SharedThreadPoolClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = shared_thread_pool_finalize;
    GST_RTSP_THREAD_POOL_CLASS(klass)->get_thread = get_thread;
}

static void shared_thread_pool_init(SharedThreadPool* self) {
    construct_private<Part>(&part(self));
}

Ref<GstRTSPThreadPool> make_thread_pool() {
    auto pool = Ref<GstRTSPThreadPool>::adopt(
        static_cast<GstRTSPThreadPool*>(g_object_new(shared_thread_pool_get_type(), nullptr)));
    gst_rtsp_thread_pool_set_max_threads(pool.get(), 1); // of clients: see ClientThread
    return pool;
}

} // namespace rtspproxy::server
