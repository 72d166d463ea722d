#include "app/backend/tap/tap_connection.hpp"

#include "app/backend/tap/tap.hpp"
#include "app/backend/tap/tap_output.hpp"
#include "plugins/support/element.hpp"
#include "plugins/support/ref.hpp"

#include <gio/gio.h>

#include <memory>

namespace rtspproxy::backend {
namespace {

struct StreamPart {
    std::shared_ptr<Tap> tap;
};

} // namespace

struct TapStream {
    GInputStream parent;
};
struct TapStreamClass {
    GInputStreamClass parent_class;
};
using TapStreamPrivate = StreamPart;

static void implement_pollable(gpointer interface, gpointer);

G_DEFINE_TYPE_WITH_CODE(TapStream, tap_stream, G_TYPE_INPUT_STREAM,
                        G_ADD_PRIVATE(TapStream)
                            G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_INPUT_STREAM, implement_pollable))

namespace {

Tap& tap_of(gpointer self) {
    return *static_cast<StreamPart*>(tap_stream_get_instance_private(static_cast<TapStream*>(self)))
                ->tap;
}

std::span<std::uint8_t> span_of(void* buffer, gsize size) {
    return {static_cast<std::uint8_t*>(buffer), size};
}

gssize on_read(GInputStream* self, void* buffer, gsize size, GCancellable* cancellable,
               GError** error) noexcept {
    return tap_of(self).read(span_of(buffer, size), true, cancellable, error);
}

gssize on_read_nonblocking(GPollableInputStream* self, void* buffer, gsize size,
                           GError** error) noexcept {
    return tap_of(self).read(span_of(buffer, size), false, nullptr, error);
}

gboolean on_is_readable(GPollableInputStream* self) noexcept {
    return tap_of(self).readable() ? TRUE : FALSE;
}

// Fires for what the tap holds, too.
GSource* on_create_source(GPollableInputStream* self, GCancellable* cancellable) noexcept {
    GSource* source = tap_of(self).create_source();
    GSource* pollable = g_pollable_source_new_full(self, source, cancellable);
    g_source_unref(source);
    return pollable;
}

void on_stream_finalize(GObject* self) noexcept {
    destroy_private<StreamPart>(
        tap_stream_get_instance_private(static_cast<TapStream*>(static_cast<gpointer>(self))));
    G_OBJECT_CLASS(tap_stream_parent_class)->finalize(self);
}

} // namespace

static void implement_pollable(gpointer interface, gpointer) {
    auto* pollable = static_cast<GPollableInputStreamInterface*>(interface);
    pollable->is_readable = on_is_readable;
    pollable->create_source = on_create_source;
    pollable->read_nonblocking = on_read_nonblocking;
}

static void tap_stream_class_init(TapStreamClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = on_stream_finalize;
    G_INPUT_STREAM_CLASS(klass)->read_fn = on_read;
}

static void tap_stream_init(TapStream* self) {
    construct_private<StreamPart>(tap_stream_get_instance_private(self));
}

namespace {

// What a class of connections does by itself.
struct Original {
    void (*constructed)(GObject*);
    GInputStream* (*get_input_stream)(GIOStream*);
    GOutputStream* (*get_output_stream)(GIOStream*);
    gboolean (*close)(GIOStream*, GCancellable*, GError**);
};
// Of plain connections, and of those that bear TLS on a plain one.
Original plain, wrapped;

const Original& original_of(gpointer connection) {
    return G_IS_TCP_WRAPPER_CONNECTION(connection) ? wrapped : plain;
}

// Of a connection.
struct Streams {
    std::shared_ptr<Tap> tap;
    Ref<GInputStream> in;
    Ref<GOutputStream> out;
};

GQuark streams_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-tap-streams");
    return quark;
}

Streams* streams_of(gpointer connection) {
    return static_cast<Streams*>(g_object_get_qdata(G_OBJECT(connection), streams_quark()));
}

Ref<GInputStream> make_tap_input(std::shared_ptr<Tap> tap) {
    auto* stream = static_cast<TapStream*>(g_object_new(tap_stream_get_type(), nullptr));
    static_cast<StreamPart*>(tap_stream_get_instance_private(stream))->tap = std::move(tap);
    return Ref<GInputStream>::adopt(G_INPUT_STREAM(stream));
}

thread_local bool connection_stood = false;

void give_streams(GObject* connection, Ref<GInputStream> in) {
    auto streams = std::make_unique<Streams>();
    streams->tap =
        Tap::create(g_socket_connection_get_socket(G_SOCKET_CONNECTION(connection)),
                    Ref<GOutputStream>::share(
                        original_of(connection).get_output_stream(G_IO_STREAM(connection))),
                    std::move(in));
    streams->in = make_tap_input(streams->tap);
    streams->out = make_tap_output(streams->tap);
    g_object_set_qdata_full(connection, streams_quark(), streams.release(), [](gpointer data) {
        const std::unique_ptr<Streams> owned(static_cast<Streams*>(data));
    });
}

// A client's socket is given its connection before it is connected, an accepted one after.
void on_constructed(GObject* self) noexcept {
    plain.constructed(self);
    GSocket* socket = g_socket_connection_get_socket(G_SOCKET_CONNECTION(self));
    if (socket == nullptr || g_socket_is_connected(socket))
        return;
    connection_stood = false;
    give_streams(self, nullptr);
}

// Made by the thread that connects, behind the plain one, before anything is read or written.
void on_wrapper_constructed(GObject* self) noexcept {
    wrapped.constructed(self);
    GIOStream* base = g_tcp_wrapper_connection_get_base_io_stream(G_TCP_WRAPPER_CONNECTION(self));
    if (G_IS_TLS_CLIENT_CONNECTION(base))
        give_streams(self, Ref<GInputStream>::share(wrapped.get_input_stream(G_IO_STREAM(self))));
}

GInputStream* on_get_input_stream(GIOStream* self) noexcept {
    const Streams* streams = streams_of(self);
    // GIO and GStreamer ask for it once there is something to read from.
    connection_stood = connection_stood || streams != nullptr;
    return streams != nullptr ? streams->in.get() : original_of(self).get_input_stream(self);
}

GOutputStream* on_get_output_stream(GIOStream* self) noexcept {
    const Streams* streams = streams_of(self);
    return streams != nullptr ? streams->out.get() : original_of(self).get_output_stream(self);
}

gboolean on_close(GIOStream* self, GCancellable* cancellable, GError** error) noexcept {
    if (const Streams* streams = streams_of(self))
        streams->tap->close();
    return original_of(self).close(self, cancellable, error);
}

Original patch(GType type, void (*constructed)(GObject*)) {
    gpointer klass = g_type_class_ref(type); // for ever
    auto* streams = G_IO_STREAM_CLASS(klass);
    const Original original{G_OBJECT_CLASS(klass)->constructed, streams->get_input_stream,
                            streams->get_output_stream, streams->close_fn};
    G_OBJECT_CLASS(klass)->constructed = constructed;
    streams->get_input_stream = on_get_input_stream;
    streams->get_output_stream = on_get_output_stream;
    streams->close_fn = on_close;
    return original;
}

} // namespace

// Into GTcpConnection's class, not as a subclass of it: g_socket_connection_factory_register_type()
// is made for replacing its type, but leaves the factory with freed memory when one is registered
// for the same sockets twice (GLib 2.74: the table frees the new key, which is its value, too).
//
// The subclass first, which copies what it does not define.
void install_taps() {
    static const bool installed = [] {
        wrapped = patch(G_TYPE_TCP_WRAPPER_CONNECTION, on_wrapper_constructed);
        plain = patch(G_TYPE_TCP_CONNECTION, on_constructed);
        return true;
    }();
    static_cast<void>(installed);
}

bool last_connection_stood() {
    return connection_stood;
}

void forget_last_connection() {
    connection_stood = false;
}

} // namespace rtspproxy::backend
