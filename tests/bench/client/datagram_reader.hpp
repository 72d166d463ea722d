// DatagramReader: reads many datagrams with one call (recvmmsg).
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace rtspproxy::bench {

class DatagramReader {
  public:
    static constexpr std::size_t kCount = 64;
    static constexpr std::size_t kSize = 2048;

    DatagramReader() {
        for (std::size_t i = 0; i < kCount; ++i) {
            places_[i] = {&bytes_[i * kSize], kSize};
            messages_[i].msg_hdr.msg_iov = &places_[i];
            messages_[i].msg_hdr.msg_iovlen = 1;
        }
    }

    // The number of datagrams that were waiting, at most kCount; does not block.
    std::size_t read(int fd) {
        const int count = ::recvmmsg(fd, messages_.data(), kCount, MSG_DONTWAIT, nullptr);
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    // One datagram of the last read().
    [[nodiscard]] std::span<std::uint8_t> datagram(std::size_t index) {
        return std::span(bytes_).subspan(index * kSize, messages_[index].msg_len);
    }

  private:
    std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(kCount * kSize);
    std::array<iovec, kCount> places_{};
    std::array<mmsghdr, kCount> messages_{};
};

} // namespace rtspproxy::bench
