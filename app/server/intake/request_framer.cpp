#include "app/server/intake/request_framer.hpp"

#include "plugins/registration/message.hpp"

#include <algorithm>
#include <utility>

namespace rtspproxy::server {
namespace {

using registration::equals_ignoring_case;
using registration::parse_number;
using registration::trim;

constexpr std::uint8_t kFrameMark = '$';
constexpr std::uint8_t kTlsHandshake = 0x16; // RFC 8446 §5.1
constexpr std::size_t kFrameHead = 4;
constexpr std::size_t kMaxCookie = 256;
constexpr std::size_t kMaxCseq = 18;

bool is_letter(std::uint8_t byte) {
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

bool is_control(std::uint8_t byte) {
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

bool starts_ignoring_case(std::string_view text, std::string_view start) {
    return text.size() >= start.size() && equals_ignoring_case(text.substr(0, start.size()), start);
}

// Without blanks and tabs at its ends, and one blank for several within it.
std::string squeeze(std::string_view line) {
    std::string result;
    for (const char character : trim(line)) {
        const bool blank = character == ' ' || character == '\t';
        if (!blank || result.back() != ' ')
            result.push_back(blank ? ' ' : character);
    }
    return result;
}

} // namespace

RequestFramer::Piece RequestFramer::next(std::span<const std::uint8_t>& input) {
    while (!input.empty()) {
        Piece piece;
        switch (state_) {
        case State::Start:
            piece = start(input.front());
            input = input.subspan(1);
            break;
        case State::Head:
            piece = take_head(input.front());
            input = input.subspan(1);
            break;
        case State::Frame:
            piece = take_frame(input);
            break;
        case State::Body:
            piece = take_body(input);
            break;
        case State::Opaque:
            piece = take_opaque(input);
            break;
        }
        if (piece.kind != Piece::Kind::Incomplete)
            return piece;
    }
    return {};
}

// Line ends between messages are skipped, as GstRTSPConnection does.
RequestFramer::Piece RequestFramer::start(std::uint8_t first) {
    const bool very_first = std::exchange(first_, false);
    if (first == '\r' || first == '\n')
        return {};
    piece_.clear();
    cseq_.clear();
    if (first == kFrameMark) {
        state_ = State::Frame;
        piece_.push_back(static_cast<char>(first));
        return {};
    }
    if (first == kTlsHandshake && very_first) {
        state_ = State::Opaque;
        return {Piece::Kind::Opaque, std::string(1, static_cast<char>(first)), {}, {}};
    }
    if (!is_letter(first))
        return refuse(Refusal::Malformed);
    state_ = State::Head;
    line_.assign(1, static_cast<char>(first));
    line_end_ = LineEnd::None;
    head_bytes_ = 1;
    skip_line_feed_ = false;
    method_.clear();
    cookie_.clear();
    content_length_ = 0;
    has_length_ = false;
    return {};
}

RequestFramer::Piece RequestFramer::take_frame(std::span<const std::uint8_t>& input) {
    append_missing(input, kFrameHead);
    if (piece_.size() < kFrameHead)
        return {};
    const auto byte = [this](std::size_t i) { return static_cast<std::uint8_t>(piece_[i]); };
    const std::size_t size = kFrameHead + (std::size_t{byte(2)} << 8U) + byte(3);
    append_missing(input, size);
    return piece_.size() == size ? finish(Piece::Kind::Frame) : Piece{};
}

RequestFramer::Piece RequestFramer::take_body(std::span<const std::uint8_t>& input) {
    if (std::exchange(skip_line_feed_, false) && input.front() == '\n')
        input = input.subspan(1);
    append_missing(input, size_);
    return piece_.size() == size_ ? finish(Piece::Kind::Message) : Piece{};
}

RequestFramer::Piece RequestFramer::take_opaque(std::span<const std::uint8_t>& input) {
    const auto all = std::exchange(input, {});
    return {Piece::Kind::Opaque, std::string(all.begin(), all.end()), {}, {}};
}

// CR LF, LF and CR end a line; a blank or tab at the beginning of the next one goes on with it.
RequestFramer::Piece RequestFramer::take_head(std::uint8_t byte) {
    if (++head_bytes_ > kMaxRequestHead)
        return refuse(Refusal::TooLong);
    const bool ends = byte == '\r' || byte == '\n';
    const auto after = byte == '\r' ? LineEnd::Cr : LineEnd::Complete;
    if (line_end_ == LineEnd::None) {
        if (ends)
            return end_line(after);
        if (is_control(byte))
            return refuse(Refusal::Malformed);
        if (line_.size() == kMaxRequestLine)
            return refuse(Refusal::TooLong);
        line_.push_back(static_cast<char>(byte));
        return {};
    }
    if (line_end_ == LineEnd::Cr && byte == '\n') {
        line_end_ = LineEnd::Complete;
        return {};
    }
    if (byte == ' ' || byte == '\t') {
        line_end_ = LineEnd::None;
        line_.push_back(' ');
        return line_.size() <= kMaxRequestLine ? Piece{} : refuse(Refusal::TooLong);
    }
    if (!take_line())
        return refuse(Refusal::Malformed);
    if (ends) {
        skip_line_feed_ = byte == '\r';
        return finish_head();
    }
    if (is_control(byte))
        return refuse(Refusal::Malformed);
    line_.assign(1, static_cast<char>(byte));
    line_end_ = LineEnd::None;
    return {};
}

// The start line is judged at once: what is no RTSP may never send a second one.
RequestFramer::Piece RequestFramer::end_line(LineEnd end) {
    line_end_ = end;
    if (!piece_.empty())
        return {};
    if (!take_start_line(squeeze(line_)))
        return refuse(Refusal::Malformed);
    line_.clear();
    return {};
}

bool RequestFramer::take_line() {
    const std::string line = squeeze(line_);
    if (line.empty())
        return true;
    const auto colon = line.find(':');
    if (colon == std::string::npos)
        return false;
    const auto name = trim(std::string_view(line).substr(0, colon));
    return !name.empty() && take_header(name, trim(std::string_view(line).substr(colon + 1)));
}

bool RequestFramer::take_start_line(std::string_view line) {
    const auto version = line.substr(line.rfind(' ') + 1);
    const bool http = starts_ignoring_case(version, "HTTP/");
    if (!http && !starts_ignoring_case(version, "RTSP/") && !line.starts_with("RTSP/"))
        return false;
    if (http)
        method_ = line.substr(0, line.find(' '));
    piece_.append(line).append("\r\n");
    return true;
}

bool RequestFramer::take_header(std::string_view name, std::string_view value) {
    if (equals_ignoring_case(name, "Content-Length"))
        return take_length(value);
    if (equals_ignoring_case(name, "x-sessioncookie"))
        cookie_ = value;
    if (equals_ignoring_case(name, "CSeq") && value.size() <= kMaxCseq && parse_number(value, ~0UL))
        cseq_ = value;
    piece_.append(name).append(": ").append(value).append("\r\n");
    return true;
}

// A number beyond what can be counted is too long, not malformed.
bool RequestFramer::take_length(std::string_view value) {
    if (value.empty() || value.find_first_not_of("0123456789") != std::string_view::npos)
        return false;
    const std::size_t length = parse_number(value, kMaxRequestBody).value_or(kMaxRequestBody + 1);
    if (std::exchange(has_length_, true))
        return length == content_length_;
    content_length_ = length;
    return true;
}

RequestFramer::Piece RequestFramer::finish_head() {
    if (!method_.empty()) { // a length means nothing: GET has no body, POST an endless one
        const bool get = method_ == "GET";
        if ((!get && method_ != "POST") || cookie_.empty() || cookie_.size() > kMaxCookie)
            return refuse(Refusal::PlainHttp);
        Piece piece = finish(get ? Piece::Kind::TunnelGet : Piece::Kind::TunnelPost);
        piece.cookie = cookie_;
        return piece;
    }
    if (content_length_ > kMaxRequestBody)
        return refuse(Refusal::TooLong);
    if (content_length_ > 0)
        piece_.append("Content-Length: ").append(std::to_string(content_length_)).append("\r\n");
    piece_.append("\r\n");
    size_ = piece_.size() + content_length_;
    state_ = State::Body;
    return content_length_ == 0 ? finish(Piece::Kind::Message) : Piece{};
}

RequestFramer::Piece RequestFramer::finish(Piece::Kind kind) {
    state_ = State::Start;
    return {kind, std::exchange(piece_, {}), {}, {}};
}

RequestFramer::Piece RequestFramer::refuse(Refusal refusal) {
    state_ = State::Start;
    piece_.clear();
    return {Piece::Kind::Refused, {}, {}, refusal};
}

void RequestFramer::append_missing(std::span<const std::uint8_t>& input, std::size_t length) {
    const std::size_t count = std::min(input.size(), length - std::min(length, piece_.size()));
    piece_.append(reinterpret_cast<const char*>(input.data()), count);
    input = input.subspan(count);
}

std::string provoking_message(Refusal refusal, const std::string& cseq) {
    const std::string start =
        "OPTIONS * RTSP/1.0\r\n" + (cseq.empty() ? "" : "CSeq: " + cseq + "\r\n");
    return start +
           (refusal == Refusal::TooLong ? "Content-Length: 2000000000\r\n\r\n" : "-\r\n\r\n");
}

} // namespace rtspproxy::server
