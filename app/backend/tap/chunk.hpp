// Chunk: memory that is filled once and then given out in slices, each a buffer of its own that
// keeps the chunk alive and may be written to.
#pragma once

#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace rtspproxy::backend {

class Chunk {
  public:
    Chunk() = default;
    explicit Chunk(std::size_t capacity)
        : memory_(Ref<GstMemory>::adopt(gst_allocator_alloc(nullptr, capacity, nullptr))) {
        gst_memory_map(memory_.get(), &map_, GST_MAP_READWRITE);
    }
    Chunk(Chunk&& other) noexcept
        : memory_(std::move(other.memory_)), map_(std::exchange(other.map_, GstMapInfo{})) {}
    Chunk& operator=(Chunk&& other) noexcept {
        std::swap(memory_, other.memory_);
        std::swap(map_, other.map_);
        return *this;
    }
    Chunk(const Chunk&) = delete;
    Chunk& operator=(const Chunk&) = delete;
    ~Chunk() {
        if (memory_)
            gst_memory_unmap(memory_.get(), &map_);
    }

    [[nodiscard]] std::span<std::uint8_t> bytes() const { return {map_.data, map_.size}; }
    // Whether every slice is gone: it may be filled anew.
    [[nodiscard]] bool unused() const {
        return memory_ && GST_MINI_OBJECT_REFCOUNT_VALUE(memory_.get()) == 1;
    }
    // Costs two small allocations, the buffer's and its memory's. Not gst_memory_share(): that one
    // is read-only, and the relay would copy it in order to write its header. The memory's maximal
    // size tells how much it keeps.
    [[nodiscard]] Ref<GstBuffer> slice(std::span<std::uint8_t> bytes) const {
        auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new());
        gst_buffer_append_memory(
            buffer.get(),
            gst_memory_new_wrapped(static_cast<GstMemoryFlags>(0), map_.data, map_.size,
                                   static_cast<gsize>(bytes.data() - map_.data), bytes.size(),
                                   gst_memory_ref(memory_.get()), [](gpointer memory) {
                                       gst_memory_unref(static_cast<GstMemory*>(memory));
                                   }));
        return buffer;
    }

  private:
    Ref<GstMemory> memory_;
    GstMapInfo map_{}; // for as long as it lives: system memory does not mind
};

} // namespace rtspproxy::backend
