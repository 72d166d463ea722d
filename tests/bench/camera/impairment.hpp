// Impairment: loses and reorders packets of a batch, the same ones in every run of one seed.
#pragma once

#include "tests/bench/server/packet_batch.hpp"

#include <cstdint>

namespace rtspproxy::bench {

class Impairment {
  public:
    explicit Impairment(std::uint64_t seed) : state_(seed | 1U) {}

    // Percent of all packets.
    void set_loss(double percent) { loss_ = percent; }
    void set_reorder(double percent) { reorder_ = percent; }
    [[nodiscard]] bool active() const { return loss_ > 0 || reorder_ > 0; }
    [[nodiscard]] std::uint64_t lost() const { return lost_; }
    [[nodiscard]] std::uint64_t reordered() const { return reordered_; }

    // The result is valid until the next call. A reordered packet changes places with the next one.
    const PacketBatch& apply(const PacketBatch& batch);

  private:
    bool happens(double percent);

    PacketBatch result_;
    std::uint64_t state_;
    double loss_ = 0;
    double reorder_ = 0;
    std::uint64_t lost_ = 0;
    std::uint64_t reordered_ = 0;
};

} // namespace rtspproxy::bench
