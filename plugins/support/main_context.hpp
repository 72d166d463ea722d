// Ways into a GMainContext that is not the default one.
#pragma once

#include "plugins/support/boxed.hpp"
#include "plugins/support/ref.hpp"

#include <functional>
#include <utility>

namespace rtspproxy {

template <>
struct RefTraits<GSource> {
    static void ref(GSource* source) { g_source_ref(source); }
    static void unref(GSource* source) { g_source_unref(source); }
};

// Runs `function` once on the context, later, never from within this call. What was posted with the
// same priority runs in the order in which it was posted. Any thread.
inline void post_to(GMainContext* context, std::function<void()> function,
                    int priority = G_PRIORITY_DEFAULT) {
    const auto source = Ref<GSource>::adopt(g_idle_source_new());
    g_source_set_priority(source.get(), priority);
    g_source_set_callback(
        source.get(),
        [](gpointer data) noexcept -> gboolean {
            unbox<std::function<void()>>(data)();
            return G_SOURCE_REMOVE;
        },
        box(std::move(function)), free_box<std::function<void()>>);
    g_source_attach(source.get(), context);
}

// The context whose callback is running in this thread; the default one if none is.
[[nodiscard]] inline Ref<GMainContext> current_context() {
    GSource* source = g_main_current_source();
    GMainContext* context = source != nullptr ? g_source_get_context(source) : nullptr;
    return Ref<GMainContext>::share(context != nullptr ? context : g_main_context_default());
}

} // namespace rtspproxy
