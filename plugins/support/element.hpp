// What every element adapter of this project does the same way: a C++ object as the instance's
// private part, made in instance_init and destroyed in finalize.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <new>
#include <string_view>

namespace rtspproxy {

// Nanoseconds on a clock that never jumps.
[[nodiscard]] inline std::uint64_t monotonic_now() {
    return static_cast<std::uint64_t>(g_get_monotonic_time()) * 1000;
}

// Reads a string field of a structure; empty if it is absent or not a string.
[[nodiscard]] inline std::string_view string_field(const GstStructure* structure,
                                                   const char* name) {
    const char* value = gst_structure_get_string(structure, name);
    return value != nullptr ? std::string_view(value) : std::string_view();
}

// Reads a guint64 field of a structure; 0 if it is absent or of another type.
[[nodiscard]] inline std::uint64_t counter_field(const GstStructure* structure, const char* name) {
    guint64 value = 0;
    gst_structure_get_uint64(structure, name, &value);
    return value;
}

// Constructs Part in the zero-filled memory that GObject reserved for it.
template <class Part, class... Args>
void construct_private(gpointer memory, Args&&... args) {
    ::new (memory) Part(std::forward<Args>(args)...);
}
template <class Part>
void destroy_private(gpointer memory) {
    std::destroy_at(static_cast<Part*>(memory));
}

} // namespace rtspproxy
