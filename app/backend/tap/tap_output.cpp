#include "app/backend/tap/tap_output.hpp"

#include "plugins/support/element.hpp"

#include <span>
#include <utility>

namespace rtspproxy::backend {
namespace {

struct OutputPart {
    std::shared_ptr<Tap> tap;
};

} // namespace

struct TapOutput {
    GOutputStream parent;
};
struct TapOutputClass {
    GOutputStreamClass parent_class;
};
using TapOutputPrivate = OutputPart;

static void implement_pollable(gpointer interface, gpointer);

G_DEFINE_TYPE_WITH_CODE(TapOutput, tap_output, G_TYPE_OUTPUT_STREAM,
                        G_ADD_PRIVATE(TapOutput)
                            G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                  implement_pollable))

namespace {

OutputPart& part_of(gpointer self) {
    return *static_cast<OutputPart*>(
        tap_output_get_instance_private(static_cast<TapOutput*>(self)));
}

std::span<const std::uint8_t> span_of(const void* buffer, gsize size) {
    return {static_cast<const std::uint8_t*>(buffer), size};
}

gssize on_write(GOutputStream* self, const void* buffer, gsize size, GCancellable* cancellable,
                GError** error) noexcept {
    return part_of(self).tap->write(span_of(buffer, size), true, cancellable, error);
}

gssize on_write_nonblocking(GPollableOutputStream* self, const void* buffer, gsize size,
                            GError** error) noexcept {
    return part_of(self).tap->write(span_of(buffer, size), false, nullptr, error);
}

gboolean on_is_writable(GPollableOutputStream* self) noexcept {
    return g_pollable_output_stream_is_writable(G_POLLABLE_OUTPUT_STREAM(part_of(self).tap->out()));
}

GSource* on_create_source(GPollableOutputStream* self, GCancellable* cancellable) noexcept {
    GSource* source = g_pollable_output_stream_create_source(
        G_POLLABLE_OUTPUT_STREAM(part_of(self).tap->out()), nullptr);
    GSource* pollable = g_pollable_source_new_full(self, source, cancellable);
    g_source_unref(source);
    return pollable;
}

void on_finalize(GObject* self) noexcept {
    destroy_private<OutputPart>(&part_of(self));
    G_OBJECT_CLASS(tap_output_parent_class)->finalize(self);
}

} // namespace

static void implement_pollable(gpointer interface, gpointer) {
    auto* pollable = static_cast<GPollableOutputStreamInterface*>(interface);
    pollable->is_writable = on_is_writable;
    pollable->create_source = on_create_source;
    pollable->write_nonblocking = on_write_nonblocking;
}

static void tap_output_class_init(TapOutputClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = on_finalize;
    G_OUTPUT_STREAM_CLASS(klass)->write_fn = on_write;
}

static void tap_output_init(TapOutput* self) {
    construct_private<OutputPart>(tap_output_get_instance_private(self));
}

Ref<GOutputStream> make_tap_output(std::shared_ptr<Tap> tap) {
    auto stream = Ref<GOutputStream>::adopt(
        static_cast<GOutputStream*>(g_object_new(tap_output_get_type(), nullptr)));
    part_of(stream.get()).tap = std::move(tap);
    return stream;
}

} // namespace rtspproxy::backend
