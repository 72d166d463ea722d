#include "app/backend/tap/interleaved_splitter.hpp"

#include "plugins/rtp/frames.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace rtspproxy::backend {
namespace {

constexpr std::string_view kContentLength = "content-length";

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
    if (state_ == State::HeadTail && bytes[0] != '\n' && bytes[0] != '\r')
        end_head();
    if (state_ == State::Boundary && bytes[0] == '$')
        return frame(bytes);
    if (state_ == State::Boundary && ends_line(static_cast<char>(bytes[0]))) {
        const auto end = std::ranges::find_if_not(
            bytes, [](std::uint8_t byte) { return ends_line(static_cast<char>(byte)); });
        return {Piece::Kind::Blank, static_cast<std::size_t>(end - bytes.begin())};
    }
    const std::size_t length = text(bytes);
    if (state_ == State::Broken)
        return {Piece::Kind::Broken, length};
    return {Piece::Kind::Text, length, 0, state_ == State::Boundary};
}

InterleavedSplitter::Piece InterleavedSplitter::frame(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < rtp::kFrameHeaderSize)
        return {Piece::Kind::Incomplete, rtp::kFrameHeaderSize};
    const std::size_t length = rtp::frame_size(bytes);
    return {bytes.size() < length ? Piece::Kind::Incomplete : Piece::Kind::Frame, length, bytes[1]};
}

// How many bytes belong to one message.
std::size_t InterleavedSplitter::text(std::span<const std::uint8_t> bytes) {
    std::size_t at = 0;
    if (state_ == State::Boundary)
        begin_head(static_cast<char>(bytes[at++]));
    while (at < bytes.size() && state_ != State::Boundary && state_ != State::Broken) {
        const char character = static_cast<char>(bytes[at]);
        if (state_ == State::HeadTail) {
            at += ends_line(character) ? 1U : 0U;
            end_head();
        } else if (state_ == State::Body) {
            const std::size_t step = std::min(bytes.size() - at, body_left_);
            at += step;
            body_left_ -= step;
            if (body_left_ == 0)
                state_ = State::Boundary;
        } else {
            ++at;
            head(character);
        }
    }
    return at;
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
        // Where lines end with CR alone, no LF will follow; if it does, it means nothing.
        const bool bare = line_end_ == '\r' && !line_feed_;
        end_line();
        if (character == '\r' && (!bare || content_length_.value_or(0) > 0))
            state_ = State::HeadTail;
        else
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
