// WeakRef<T>: finds a GObject for as long as somebody else keeps it.
#pragma once

#include "plugins/support/ref.hpp"

namespace rtspproxy {

// Neither copied nor moved: GObject knows it by its address.
template <class T>
class WeakRef {
  public:
    explicit WeakRef(T* object) { g_weak_ref_init(&reference_, object); }
    ~WeakRef() { g_weak_ref_clear(&reference_); }
    WeakRef(const WeakRef&) = delete;
    WeakRef& operator=(const WeakRef&) = delete;

    // The object, or null if it is gone. Any thread.
    [[nodiscard]] Ref<T> get() {
        return Ref<T>::adopt(static_cast<T*>(g_weak_ref_get(&reference_)));
    }

  private:
    GWeakRef reference_{};
};

} // namespace rtspproxy
