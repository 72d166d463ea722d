// StreamReader: takes an RTSP connection's bytes apart into messages and interleaved frames
// (RFC 2326 §10.12), with large reads into one buffer that all connections of a thread share.
#pragma once

#include "tests/bench/common/rtsp_message.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <span>
#include <vector>

namespace rtspproxy::bench {

// The shared buffer: room for what a connection kept back and one large read behind it.
class ReadBuffer {
  public:
    static constexpr std::size_t kReadSize = 64 * 1024;
    static constexpr std::size_t kMaximumKept = 1024 * 1024 + 64 * 1024;

    std::uint8_t* data() { return bytes_.data(); }

  private:
    std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(kMaximumKept + kReadSize);
};

enum class ReadState { Open, Closed, Failed, Malformed };

class StreamReader {
  public:
    static constexpr std::size_t kFrameHeader = 4;

    // Reads once. Calls handler.on_frame(channel, packet) and handler.on_message(message); packets
    // lie in `buffer` one behind the other, each after its frame header of 4 bytes. A handler
    // returns false to stop (because the connection is gone): this object is not touched again.
    template <class Handler>
    ReadState read(int fd, ReadBuffer& buffer, Handler& handler) {
        std::copy(kept_.begin(), kept_.end(), buffer.data());
        const ssize_t count =
            ::recv(fd, buffer.data() + kept_.size(), ReadBuffer::kReadSize, MSG_DONTWAIT);
        if (count < 0)
            return errno == EAGAIN || errno == EINTR ? ReadState::Open : ReadState::Failed;
        if (count == 0)
            return ReadState::Closed;
        return take_apart({buffer.data(), kept_.size() + static_cast<std::size_t>(count)}, handler);
    }

  private:
    template <class Handler>
    ReadState take_apart(std::span<std::uint8_t> bytes, Handler& handler) {
        while (!bytes.empty()) {
            std::size_t consumed = 0;
            if (bytes[0] == '$') {
                if (bytes.size() < kFrameHeader)
                    break;
                const auto length = static_cast<std::size_t>(bytes[2] << 8U | bytes[3]);
                if (bytes.size() < kFrameHeader + length)
                    break;
                if (!handler.on_frame(bytes[1], bytes.subspan(kFrameHeader, length)))
                    return ReadState::Open;
                consumed = kFrameHeader + length;
            } else if (bytes[0] == '\r' || bytes[0] == '\n') {
                consumed = 1; // empty lines between messages are to be ignored
            } else {
                const ParsedMessage parsed = parse_message(bytes);
                if (parsed.state == ParseState::Malformed)
                    return ReadState::Malformed;
                if (parsed.state == ParseState::Incomplete)
                    break;
                if (!handler.on_message(parsed.message))
                    return ReadState::Open;
                consumed = parsed.consumed;
            }
            bytes = bytes.subspan(consumed);
        }
        if (bytes.size() > ReadBuffer::kMaximumKept)
            return ReadState::Malformed;
        kept_.assign(bytes.begin(), bytes.end());
        return ReadState::Open;
    }

    std::vector<std::uint8_t> kept_; // an incomplete message or frame
};

} // namespace rtspproxy::bench
