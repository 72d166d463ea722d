#include "app/backend/tap/interleaved_splitter.hpp"

#include "plugins/rtp/frames.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace rtspproxy::backend {
namespace {

constexpr std::string_view kContentLength = "content-length";
// Of messages. HTTP: some cameras refuse a request in the words of the wrong protocol.
constexpr std::array<std::string_view, 15> kBeginnings{
    "RTSP/",     "rtsp/",   "HTTP/",          "OPTIONS ",       "DESCRIBE ",
    "ANNOUNCE ", "SETUP ",  "PLAY ",          "PLAY_NOTIFY ",   "PAUSE ",
    "TEARDOWN ", "RECORD ", "GET_PARAMETER ", "SET_PARAMETER ", "REDIRECT "};

bool ends_line(char character) {
    return character == '\r' || character == '\n';
}

bool is_blank(char character) {
    return character == ' ' || character == '\t';
}

// The value of "Content-Length: 123"; nothing if the line is another one.
std::optional<std::size_t> content_length(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    std::string_view name = line.substr(0, colon);
    while (!name.empty() && is_blank(name.back()))
        name.remove_suffix(1);
    if (!std::ranges::equal(name, kContentLength, [](unsigned char left, unsigned char right) {
            return std::tolower(left) == right;
        }))
        return std::nullopt;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && is_blank(value.front()))
        value.remove_prefix(1);
    std::size_t number = 0;
    for (const char digit : value) {
        if (digit < '0' || digit > '9')
            break;
        number = std::min(number * 10 + static_cast<std::size_t>(digit - '0'),
                          InterleavedSplitter::kMaxBody + 1);
    }
    return number;
}

} // namespace

InterleavedSplitter::Piece InterleavedSplitter::next(std::span<const std::uint8_t> bytes) {
    return state_ == State::Boundary ? next_at_boundary(bytes) : message(bytes);
}

InterleavedSplitter::Piece
InterleavedSplitter::next_at_boundary(std::span<const std::uint8_t> bytes) {
    if (!lost_ && bytes[0] == '$')
        return frame(bytes);
    if (!lost_ && ends_line(static_cast<char>(bytes[0]))) {
        const auto end = std::ranges::find_if_not(
            bytes, [](std::uint8_t byte) { return ends_line(static_cast<char>(byte)); });
        return {Piece::Kind::Blank, static_cast<std::size_t>(end - bytes.begin())};
    }
    const Beginning here = beginning(bytes);
    if (here.kind == Beginning::Kind::Unknown)
        return {Piece::Kind::Incomplete, here.needed};
    lost_ = here.kind == Beginning::Kind::Nothing;
    if (lost_)
        return skip(bytes);
    skipped_ = 0;
    return here.kind == Beginning::Kind::Frame ? frame(bytes) : message(bytes);
}

// Up to where something may begin.
InterleavedSplitter::Piece InterleavedSplitter::skip(std::span<const std::uint8_t> bytes) {
    std::size_t at = 1;
    while (at < bytes.size() && beginning(bytes.subspan(at)).kind == Beginning::Kind::Nothing)
        ++at;
    skipped_ += at;
    if (skipped_ > kMaxStray)
        state_ = State::Broken;
    return {state_ == State::Broken ? Piece::Kind::Broken : Piece::Kind::Stray, at};
}

InterleavedSplitter::Beginning
InterleavedSplitter::beginning(std::span<const std::uint8_t> bytes) const {
    if (bytes[0] == '$')
        return beginning_of_frame(bytes);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    for (const std::string_view each : kBeginnings) {
        if (text.starts_with(each))
            return {Beginning::Kind::Message};
        if (each.starts_with(text))
            return {Beginning::Kind::Unknown, text.size() + 1};
    }
    return {};
}

// Nothing that follows bytes that belong to nothing can be taken for granted.
InterleavedSplitter::Beginning
InterleavedSplitter::beginning_of_frame(std::span<const std::uint8_t> bytes) const {
    constexpr std::size_t kNeeded = rtp::kFrameHeaderSize + 1;
    if (bytes.size() >= 2 && channels_.any() && !channels_.test(bytes[1]))
        return {};
    if (bytes.size() < kNeeded)
        return {Beginning::Kind::Unknown, kNeeded};
    const bool rtp = bytes[rtp::kFrameHeaderSize] >> 6 == 2; // or RTCP: the version is the same
    const bool empty = rtp::frame_size(bytes) == rtp::kFrameHeaderSize;
    return {rtp && !empty ? Beginning::Kind::Frame : Beginning::Kind::Nothing};
}

InterleavedSplitter::Piece InterleavedSplitter::message(std::span<const std::uint8_t> bytes) {
    const std::size_t length = text(bytes);
    if (state_ == State::Broken)
        return {Piece::Kind::Broken, length};
    if (length == 0)
        return {Piece::Kind::Incomplete, bytes.size() + 1};
    return {Piece::Kind::Text, length, 0, state_ == State::Boundary};
}

InterleavedSplitter::Piece InterleavedSplitter::frame(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < rtp::kFrameHeaderSize)
        return {Piece::Kind::Incomplete, rtp::kFrameHeaderSize};
    const std::size_t length = rtp::frame_size(bytes);
    if (bytes.size() < length)
        return {Piece::Kind::Incomplete, length, bytes[1]};
    channels_.set(bytes[1]);
    return {Piece::Kind::Frame, length, bytes[1]};
}

// How many bytes belong to one message. 0: what follows the first has to be known.
std::size_t InterleavedSplitter::text(std::span<const std::uint8_t> bytes) {
    std::size_t at = 0;
    if (state_ == State::Boundary)
        begin_head(static_cast<char>(bytes[at++]));
    while (at < bytes.size() && state_ != State::Boundary && state_ != State::Broken) {
        const char character = static_cast<char>(bytes[at]);
        if (state_ == State::Body) {
            const std::size_t step = std::min(bytes.size() - at, body_left_);
            at += step;
            body_left_ -= step;
            if (body_left_ == 0)
                state_ = State::Boundary;
        } else if (character == '\r' && line_end_ != '\0') {
            const bool more = may_go_on();
            if (more && at + 1 == bytes.size())
                break;
            at += more && bytes[at + 1] == '\n' ? 2 : 1;
            end_line();
            end_head();
        } else {
            ++at;
            head(character);
        }
    }
    return at;
}

// Whether a LF behind the CR of the empty line belongs to it. Where lines end with CR alone none is
// waited for; one that comes means nothing, but to a body.
bool InterleavedSplitter::may_go_on() const {
    const bool bare = line_end_ == '\r' && !line_feed_;
    const auto length =
        content_length_ ? content_length_ : content_length({line_.data(), line_size_});
    return !bare || length.value_or(0) > 0;
}

void InterleavedSplitter::begin_head(char character) {
    state_ = State::Head;
    head_size_ = 1;
    begin_line();
    append(character);
}

void InterleavedSplitter::head(char character) {
    if (++head_size_ > kMaxHead) {
        state_ = State::Broken;
    } else if (line_end_ == '\0') {
        if (ends_line(character))
            line_end_ = character;
        else
            append(character);
    } else if (line_end_ == '\r' && character == '\n' && !line_feed_) {
        line_feed_ = true;
    } else if (ends_line(character)) {
        end_line();
        end_head();
    } else if (is_blank(character)) {
        line_end_ = '\0';
        line_feed_ = false;
        append(' ');
    } else {
        end_line();
        append(character);
    }
}

void InterleavedSplitter::begin_line() {
    line_size_ = 0;
    line_end_ = '\0';
    line_feed_ = false;
}

void InterleavedSplitter::append(char character) {
    if (line_size_ < line_.size())
        line_[line_size_++] = character;
}

void InterleavedSplitter::end_line() {
    if (!content_length_)
        content_length_ = content_length({line_.data(), line_size_});
    begin_line();
}

void InterleavedSplitter::end_head() {
    body_left_ = content_length_.value_or(0);
    content_length_.reset();
    if (body_left_ > kMaxBody)
        state_ = State::Broken;
    else
        state_ = body_left_ > 0 ? State::Body : State::Boundary;
}

} // namespace rtspproxy::backend
