// What a test remembers of an RTP packet, and how two sequences of packets are compared.
#pragma once

#include "plugins/support/guarded.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rtspproxy::tests {

struct RtpRecord {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
    std::uint8_t payload_type = 0;
    bool marker = false;
    std::vector<std::uint32_t> csrcs;
    // Header extension with its profile and length (RFC 3550 §5.3.1); empty: none.
    std::vector<std::uint8_t> extension;
    std::uint64_t payload_hash = 0;
    std::size_t payload_size = 0;
    // Hash of every bit of the packet but those that a relay may change: sequence number, timestamp
    // and SSRC.
    std::uint64_t hash = 0;
};

// Nothing if it is not an RTP packet (RFC 3550 §5.1).
[[nodiscard]] std::optional<RtpRecord> parse_rtp(std::span<const std::uint8_t> packet);
[[nodiscard]] std::string to_string(const RtpRecord& record);

// Checks that `received` is one run out of `sent`, nothing left out and nothing added: every bit is
// the same, but for one SSRC of its own, and sequence numbers and timestamps that are shifted by
// the same amount throughout. Says what is wrong, or nothing.
[[nodiscard]] std::optional<std::string> find_difference(const std::vector<RtpRecord>& sent,
                                                         const std::vector<RtpRecord>& received);

// Packets of one track, filled by a streaming thread.
class PacketLog {
  public:
    void add(std::span<const std::uint8_t> packet);
    [[nodiscard]] std::vector<RtpRecord> packets();
    [[nodiscard]] std::size_t count();

  private:
    Guarded<std::vector<RtpRecord>> packets_;
};

} // namespace rtspproxy::tests
