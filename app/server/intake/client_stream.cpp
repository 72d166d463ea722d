#include "app/server/intake/client_stream.hpp"

#include "app/server/intake/client_input.hpp"
#include "plugins/support/boxed.hpp"
#include "plugins/support/element.hpp"
#include "plugins/support/ref.hpp"

#include <algorithm>
#include <memory>
#include <optional>

namespace rtspproxy::server {
namespace {

struct Part {
    std::unique_ptr<ClientInput> input;
};

} // namespace

struct ClientStream {
    GInputStream parent;
};
struct ClientStreamClass {
    GInputStreamClass parent_class;
};
using ClientStreamPrivate = Part;

static void implement_pollable(gpointer interface, gpointer);

G_DEFINE_TYPE_WITH_CODE(ClientStream, client_stream, G_TYPE_INPUT_STREAM,
                        G_ADD_PRIVATE(ClientStream)
                            G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_INPUT_STREAM, implement_pollable))

namespace {

Part& part_of(gpointer self) {
    return *static_cast<Part*>(
        client_stream_get_instance_private(static_cast<ClientStream*>(self)));
}
ClientInput& input_of(gpointer self) {
    return *part_of(self).input;
}

// What a stream is waited for by: up to two sockets, a time, and the other half of a tunnel.
struct Waiting {
    explicit Waiting(ClientStream* waited_for)
        : stream(Ref<GInputStream>::share(
              static_cast<GInputStream*>(static_cast<gpointer>(waited_for)))) {}

    struct Watched {
        int descriptor = -1;
        gpointer tag = nullptr;

        void watch(GSource* source, int wanted) {
            if (wanted == descriptor)
                return;
            if (tag != nullptr)
                g_source_remove_unix_fd(source, tag);
            tag = wanted < 0 ? nullptr : g_source_add_unix_fd(source, wanted, G_IO_IN);
            descriptor = wanted;
        }
        [[nodiscard]] bool ready(GSource* source) const {
            return tag != nullptr && g_source_query_unix_fd(source, tag) != 0;
        }
    };

    const Ref<GInputStream> stream;
    Watched own, post;
};

struct WaitingSource {
    GSource parent;
    Waiting* waiting; // owned
};

Waiting& waiting_of(GSource* source) {
    return *reinterpret_cast<WaitingSource*>(source)->waiting;
}

// The clock of both is CLOCK_MONOTONIC.
gint64 microseconds(ClientInput::Clock::time_point time) {
    return std::chrono::ceil<std::chrono::microseconds>(time.time_since_epoch()).count();
}

void wait_for_more(GSource* source) {
    Waiting& waiting = waiting_of(source);
    const auto wanted = input_of(waiting.stream.get()).wanted();
    waiting.own.watch(source, wanted.own);
    waiting.post.watch(source, wanted.post);
    g_source_set_ready_time(source, wanted.time ? microseconds(*wanted.time) : -1);
}

gboolean prepare(GSource* source, gint* timeout) noexcept {
    *timeout = -1;
    return input_of(waiting_of(source).stream.get()).has_mail() ? TRUE : FALSE;
}

gboolean check(GSource* source) noexcept {
    const Waiting& waiting = waiting_of(source);
    return waiting.own.ready(source) || waiting.post.ready(source) ||
                   input_of(waiting.stream.get()).has_mail()
               ? TRUE
               : FALSE;
}

gboolean dispatch(GSource* source, GSourceFunc callback, gpointer data) noexcept {
    GInputStream* stream = waiting_of(source).stream.get();
    input_of(stream).run_in(g_source_get_context(source));
    const auto call = reinterpret_cast<GPollableSourceFunc>(reinterpret_cast<void*>(callback));
    const gboolean go_on = call != nullptr ? call(G_OBJECT(stream), data) : G_SOURCE_REMOVE;
    if (go_on != G_SOURCE_REMOVE && g_source_is_destroyed(source) == FALSE)
        wait_for_more(source);
    return go_on;
}

void finalize_source(GSource* source) noexcept {
    const std::unique_ptr<Waiting> owned(&waiting_of(source));
}

GSourceFuncs source_functions{prepare, check, dispatch, finalize_source, nullptr, nullptr};

GSource* on_create_source(GPollableInputStream* self, GCancellable* cancellable) noexcept {
    GSource* source = g_source_new(&source_functions, sizeof(WaitingSource));
    g_source_set_static_name(source, "client-stream");
    reinterpret_cast<WaitingSource*>(source)->waiting =
        std::make_unique<Waiting>(static_cast<ClientStream*>(static_cast<gpointer>(self)))
            .release();
    if (cancellable != nullptr) {
        GSource* cancelled = g_cancellable_source_new(cancellable);
        g_source_set_dummy_callback(cancelled);
        g_source_add_child_source(source, cancelled);
        g_source_unref(cancelled);
    }
    wait_for_more(source);
    return source;
}

gssize on_read_nonblocking(GPollableInputStream* self, void* buffer, gsize size,
                           GError** error) noexcept {
    const gssize count = input_of(self).read({static_cast<std::uint8_t*>(buffer), size});
    if (count < 0)
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "no whole message yet");
    return count;
}

// A server reads in its loop only; nothing in it may wait for a client.
gssize on_read(GInputStream* self, void* buffer, gsize size, GCancellable*,
               GError** error) noexcept {
    return on_read_nonblocking(G_POLLABLE_INPUT_STREAM(self), buffer, size, error);
}

gboolean on_is_readable(GPollableInputStream* self) noexcept {
    const ClientInput& input = input_of(self);
    return input.holds_bytes() || g_socket_condition_check(input.socket(), G_IO_IN) != 0 ? TRUE
                                                                                         : FALSE;
}

void on_stream_finalize(GObject* self) noexcept {
    destroy_private<Part>(&part_of(self));
    G_OBJECT_CLASS(client_stream_parent_class)->finalize(self);
}

} // namespace

static void implement_pollable(gpointer interface, gpointer) {
    auto* pollable = static_cast<GPollableInputStreamInterface*>(interface);
    pollable->is_readable = on_is_readable;
    pollable->create_source = on_create_source;
    pollable->read_nonblocking = on_read_nonblocking;
}

static void client_stream_class_init(ClientStreamClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = on_stream_finalize;
    G_INPUT_STREAM_CLASS(klass)->read_fn = on_read;
}

static void client_stream_init(ClientStream* self) {
    construct_private<Part>(&part_of(self));
}

namespace {

// What GTcpConnection does without us.
struct Original {
    void (*constructed)(GObject*);
    GInputStream* (*get_input_stream)(GIOStream*);
} original;

GQuark admission_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-admission");
    return quark;
}

GQuark stream_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-client-stream");
    return quark;
}

void on_constructed(GObject* self) noexcept {
    original.constructed(self);
    GSocket* socket = g_socket_connection_get_socket(G_SOCKET_CONNECTION(self));
    auto* admission =
        socket == nullptr
            ? nullptr
            : static_cast<Admission*>(g_object_get_qdata(G_OBJECT(socket), admission_quark()));
    if (admission == nullptr)
        return;
    auto* stream = static_cast<ClientStream*>(g_object_new(client_stream_get_type(), nullptr));
    part_of(stream).input = std::make_unique<ClientInput>(Ref<GSocket>::share(socket), *admission);
    g_object_set_qdata_full(self, stream_quark(), stream, [](gpointer object) {
        const auto owned = Ref<GInputStream>::adopt(static_cast<GInputStream*>(object));
    });
}

GInputStream* on_get_input_stream(GIOStream* self) noexcept {
    auto* stream = static_cast<GInputStream*>(g_object_get_qdata(G_OBJECT(self), stream_quark()));
    return stream != nullptr ? stream : original.get_input_stream(self);
}

} // namespace

// Into GTcpConnection's class, over whatever was put there before: see backend::install_taps().
void install_client_streams() {
    static const bool installed = [] {
        gpointer klass = g_type_class_ref(G_TYPE_TCP_CONNECTION); // for ever
        original = {G_OBJECT_CLASS(klass)->constructed, G_IO_STREAM_CLASS(klass)->get_input_stream};
        G_OBJECT_CLASS(klass)->constructed = on_constructed;
        G_IO_STREAM_CLASS(klass)->get_input_stream = on_get_input_stream;
        return true;
    }();
    static_cast<void>(installed);
}

void attach_admission(GSocket* socket, std::unique_ptr<Admission> admission) {
    g_object_set_qdata_full(
        G_OBJECT(socket), admission_quark(), admission.release(), [](gpointer owned) {
            const std::unique_ptr<Admission> gone(static_cast<Admission*>(owned));
        });
}

} // namespace rtspproxy::server
