// Ref<T>: shared ownership of anything that GLib or GStreamer counts.
//
// A Ref is made by saying what the C function did with the reference:
//   Ref<GstPad>::adopt(p)  (transfer full)      takes the caller's reference over
//   Ref<GstPad>::share(p)  (transfer none)      takes a reference of its own
//   Ref<GstElement>::sink(e) (transfer floating) sinks a new, floating object
// `get()` lends; `release()` hands the reference to a function that takes it (transfer full).
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

#include <type_traits>
#include <utility>

namespace rtspproxy {

// How a type is counted. Undefined for unknown types, so that a forgotten one does not compile.
template <class T>
struct RefTraits;

template <class T>
struct GObjectRefTraits {
    static void ref(T* object) { g_object_ref(object); }
    static void unref(T* object) { g_object_unref(object); }
    static void sink(T* object) { g_object_ref_sink(object); }
};
template <class T>
struct MiniObjectRefTraits {
    static void ref(T* object) { gst_mini_object_ref(GST_MINI_OBJECT_CAST(object)); }
    static void unref(T* object) { gst_mini_object_unref(GST_MINI_OBJECT_CAST(object)); }
};

template <>
struct RefTraits<GObject> : GObjectRefTraits<GObject> {};
template <>
struct RefTraits<GstObject> : GObjectRefTraits<GstObject> {};
template <>
struct RefTraits<GstElement> : GObjectRefTraits<GstElement> {};
template <>
struct RefTraits<GstPad> : GObjectRefTraits<GstPad> {};
template <>
struct RefTraits<GstPadTemplate> : GObjectRefTraits<GstPadTemplate> {};
template <>
struct RefTraits<GstBus> : GObjectRefTraits<GstBus> {};
template <>
struct RefTraits<GstClock> : GObjectRefTraits<GstClock> {};
template <>
struct RefTraits<GSocket> : GObjectRefTraits<GSocket> {};
template <>
struct RefTraits<GSocketAddress> : GObjectRefTraits<GSocketAddress> {};
template <>
struct RefTraits<GResolver> : GObjectRefTraits<GResolver> {};
template <>
struct RefTraits<GInetAddress> : GObjectRefTraits<GInetAddress> {};
template <>
struct RefTraits<GSocketConnection> : GObjectRefTraits<GSocketConnection> {};
template <>
struct RefTraits<GInputStream> : GObjectRefTraits<GInputStream> {};
template <>
struct RefTraits<GCancellable> : GObjectRefTraits<GCancellable> {};
template <>
struct RefTraits<GstBuffer> : MiniObjectRefTraits<GstBuffer> {};
template <>
struct RefTraits<GstBufferList> : MiniObjectRefTraits<GstBufferList> {};
template <>
struct RefTraits<GstCaps> : MiniObjectRefTraits<GstCaps> {};
template <>
struct RefTraits<GstEvent> : MiniObjectRefTraits<GstEvent> {};
template <>
struct RefTraits<GstMessage> : MiniObjectRefTraits<GstMessage> {};
template <>
struct RefTraits<GstQuery> : MiniObjectRefTraits<GstQuery> {};
template <>
struct RefTraits<GstMemory> : MiniObjectRefTraits<GstMemory> {};
template <>
struct RefTraits<GMainContext> {
    static void ref(GMainContext* context) { g_main_context_ref(context); }
    static void unref(GMainContext* context) { g_main_context_unref(context); }
};
template <>
struct RefTraits<GMainLoop> {
    static void ref(GMainLoop* loop) { g_main_loop_ref(loop); }
    static void unref(GMainLoop* loop) { g_main_loop_unref(loop); }
};

template <class T>
class Ref {
  public:
    Ref() = default;
    Ref(std::nullptr_t) {} // NOLINT(google-explicit-constructor): `return nullptr` reads well
    Ref(const Ref& other) : Ref(share(other.pointer_)) {}
    Ref(Ref&& other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
    ~Ref() { reset(); }
    Ref& operator=(Ref other) noexcept {
        std::swap(pointer_, other.pointer_);
        return *this;
    }

    [[nodiscard]] static Ref adopt(T* pointer) {
        Ref ref;
        ref.pointer_ = pointer;
        return ref;
    }
    [[nodiscard]] static Ref share(T* pointer) {
        if (pointer != nullptr)
            RefTraits<T>::ref(pointer);
        return adopt(pointer);
    }
    [[nodiscard]] static Ref sink(T* pointer) {
        if (pointer != nullptr)
            RefTraits<T>::sink(pointer);
        return adopt(pointer);
    }

    [[nodiscard]] T* get() const { return pointer_; }
    [[nodiscard]] T* release() { return std::exchange(pointer_, nullptr); }
    void reset() {
        if (T* pointer = release(); pointer != nullptr)
            RefTraits<T>::unref(pointer);
    }
    explicit operator bool() const { return pointer_ != nullptr; }
    bool operator==(const Ref& other) const = default;

  private:
    T* pointer_ = nullptr;
};

} // namespace rtspproxy
