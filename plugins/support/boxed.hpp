// A C++ value as the user data of a C callback: made with the callback, gone with it.
//
//   gst_pad_add_probe(pad, type, on_data, box(Watch{…}), free_box<Watch>);
//   … on_data(…, gpointer data) { unbox<Watch>(data)…; }
#pragma once

#include <glib-object.h>

#include <memory>
#include <type_traits>
#include <utility>

namespace rtspproxy {

template <class T>
[[nodiscard]] gpointer box(T&& value) {
    return std::make_unique<std::decay_t<T>>(std::forward<T>(value)).release();
}
template <class T>
[[nodiscard]] T& unbox(gpointer boxed) {
    return *static_cast<T*>(boxed);
}
// A GDestroyNotify, and the same for a signal's handler.
template <class T>
void free_box(gpointer boxed) {
    const std::unique_ptr<T> owned(static_cast<T*>(boxed));
}
template <class T>
void free_box_of_closure(gpointer boxed, GClosure*) {
    free_box<T>(boxed);
}

} // namespace rtspproxy
