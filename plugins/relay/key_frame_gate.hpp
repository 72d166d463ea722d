// KeyFrameGate: whether viewers are given an access unit. They begin with a key frame, and after an
// outage they go on with one; not if the back end never sends any, and not for ever. Pure; one
// thread.
#pragma once

#include <cstdint>
#include <optional>

namespace rtspproxy::relay {

class KeyFrameGate {
  public:
    KeyFrameGate() = default;
    // How long a key frame is awaited; times are monotonic, in one unit of the caller's.
    explicit KeyFrameGate(std::uint64_t patience) : patience_(patience) {}

    // The first source begins, of a codec that has key frames.
    void await_first() { closed_since_ = 0; }
    // Another source begins: it shall begin with a key frame, which codec and stream have or not.
    void close(bool codec_has_key_frames, std::uint64_t now) {
        if (codec_has_key_frames && (seen_key_ || now - first_unit_ < patience_))
            closed_since_ = 0; // counts from the first access unit
    }
    // Whether the access unit is passed on.
    [[nodiscard]] bool admits(bool key_frame, std::uint64_t now) {
        seen_key_ = seen_key_ || key_frame;
        if (first_unit_ == 0)
            first_unit_ = now;
        if (!closed_since_)
            return true;
        if (*closed_since_ == 0)
            closed_since_ = now;
        if (!key_frame && now - *closed_since_ < patience_)
            return false;
        closed_since_.reset();
        return true;
    }

  private:
    std::uint64_t patience_ = 0;
    // A stream that was watched for as long as one would wait, and had none, refreshes its picture
    // bit by bit (intra refresh): waiting would be in vain.
    bool seen_key_ = false;
    std::uint64_t first_unit_ = 0;              // when it came; 0: not yet
    std::optional<std::uint64_t> closed_since_; // 0: until the next one comes
};

} // namespace rtspproxy::relay
