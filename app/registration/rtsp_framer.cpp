#include "app/registration/rtsp_framer.hpp"

#include <glib.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace rtspproxy::registration_app {
namespace {

constexpr std::size_t kFrameHeadLength = 4;
constexpr std::size_t kMaxHeadLength = 64 * 1024;
constexpr std::size_t kMaxBodyLength = 1024 * 1024;

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r";
    const std::size_t begin = std::min(text.find_first_not_of(kBlank), text.size());
    const std::size_t end = text.find_last_not_of(kBlank);
    return end == std::string_view::npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

// Nothing if there is a Content-Length that cannot be right.
std::optional<std::size_t> body_length(std::string_view head) {
    constexpr std::string_view kName = "content-length:";
    while (!head.empty()) {
        const std::size_t end = std::min(head.find('\n'), head.size());
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(std::min(end + 1, head.size()));
        if (line.size() < kName.size() ||
            g_ascii_strncasecmp(line.data(), kName.data(), kName.size()) != 0)
            continue;
        const std::string_view value = trim(line.substr(kName.size()));
        std::size_t length = 0;
        const auto [rest, error] =
            std::from_chars(value.data(), value.data() + value.size(), length);
        if (error != std::errc() || rest != value.data() + value.size() || length > kMaxBodyLength)
            return std::nullopt;
        return length;
    }
    return 0;
}

} // namespace

RtspFramer::Step RtspFramer::step(std::string_view bytes) {
    switch (state_) {
    case State::Boundary:
        return begin(bytes.front());
    case State::FrameHead:
        return step_frame_head(bytes);
    case State::Head:
        return step_head(bytes);
    case State::FrameBody:
    case State::Body:
        return step_rest(bytes);
    case State::Failed:
        break;
    }
    return {bytes.size(), false, false};
}

std::string_view RtspFramer::method() const {
    const std::string_view head = head_;
    return kind_ == Kind::Request ? head.substr(0, head.find_first_of(" \r\n"))
                                  : std::string_view();
}

RtspFramer::Step RtspFramer::begin(char first) {
    head_.assign(1, first);
    if (first == '$') {
        state_ = State::FrameHead;
        kind_ = Kind::Frame;
        return {1, true, false};
    }
    kind_ = Kind::Request;
    const bool blank = first == '\r' || first == '\n';
    state_ = blank ? State::Boundary : State::Head;
    return {1, false, blank};
}

RtspFramer::Step RtspFramer::step_frame_head(std::string_view bytes) {
    const std::size_t length = std::min(bytes.size(), kFrameHeadLength - head_.size());
    head_ += bytes.substr(0, length);
    if (head_.size() < kFrameHeadLength)
        return {length, true, false};
    left_ = std::size_t{static_cast<unsigned char>(head_[2])} << 8U |
            std::size_t{static_cast<unsigned char>(head_[3])};
    state_ = left_ > 0 ? State::FrameBody : State::Boundary;
    return {length, true, left_ == 0};
}

RtspFramer::Step RtspFramer::step_head(std::string_view bytes) {
    std::size_t length = 0;
    while (length < bytes.size()) {
        head_ += bytes[length++];
        if (head_.ends_with("\n\r\n") || head_.ends_with("\n\n"))
            return {length, false, finish_head()};
        if (head_.size() >= kMaxHeadLength) {
            state_ = State::Failed;
            break;
        }
    }
    return {length, false, false};
}

bool RtspFramer::finish_head() {
    kind_ = head_.starts_with("RTSP/") ? Kind::Response : Kind::Request;
    const auto length = body_length(head_);
    if (!length) {
        state_ = State::Failed;
        return false;
    }
    left_ = *length;
    state_ = left_ > 0 ? State::Body : State::Boundary;
    return left_ == 0;
}

RtspFramer::Step RtspFramer::step_rest(std::string_view bytes) {
    const bool frame = state_ == State::FrameBody;
    const std::size_t length = std::min(bytes.size(), left_);
    left_ -= length;
    if (left_ == 0)
        state_ = State::Boundary;
    return {length, frame, left_ == 0};
}

} // namespace rtspproxy::registration_app
