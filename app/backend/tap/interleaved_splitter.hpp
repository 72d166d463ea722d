// InterleavedSplitter: tells the interleaved frames of an RTSP connection (RFC 2326 §10.12) from
// its messages. Pure: bytes in, values out; keeps nothing but the line that it is in.
//
// What is no frame is text, and is told piece by piece as it comes: who passes it on needs no room
// for a message. Line ends are those that GstRTSPConnection takes: CR LF, CR, LF.
//
// Some cameras send bytes that belong to neither. A message begins with "RTSP/" or a method. Behind
// anything else, only what looks like one, or like a frame on a channel that had one before, is
// taken for the next.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace rtspproxy::backend {

class InterleavedSplitter {
  public:
    // A message beyond these is none of a camera's.
    static constexpr std::size_t kMaxHead = 64 * 1024;
    static constexpr std::size_t kMaxBody = 1024 * 1024;
    // So many bytes that belong to nothing are skipped at a time.
    static constexpr std::size_t kMaxStray = 256 * 1024;

    struct Piece {
        enum class Kind {
            Frame,      // a whole one, its header included
            Text,       // the next bytes of a message; at least 1
            Blank,      // line ends between messages, which mean nothing
            Stray,      // bytes that belong to nothing
            Incomplete, // the beginning of a frame, or what may become one of a frame or a message;
                        // length is how many bytes are needed
            Broken,     // no RTSP; nothing that follows can be told
        };
        Kind kind;
        std::size_t length;
        std::uint8_t channel = 0; // of a frame
        bool ends = false;        // of text: the message is complete
    };

    // Looks at the beginning of `bytes`, which are not empty and follow the last frame or text.
    [[nodiscard]] Piece next(std::span<const std::uint8_t> bytes);

  private:
    enum class State { Boundary, Head, Body, Broken };

    // What bytes between frames and messages are the beginning of.
    struct Beginning {
        enum class Kind { Nothing, Frame, Message, Unknown };
        Kind kind = Kind::Nothing;
        std::size_t needed = 0; // to know it
    };

    [[nodiscard]] Piece next_at_boundary(std::span<const std::uint8_t> bytes);
    [[nodiscard]] Beginning beginning(std::span<const std::uint8_t> bytes) const;
    [[nodiscard]] Beginning beginning_of_frame(std::span<const std::uint8_t> bytes) const;
    [[nodiscard]] Piece skip(std::span<const std::uint8_t> bytes);
    [[nodiscard]] Piece message(std::span<const std::uint8_t> bytes);
    [[nodiscard]] Piece frame(std::span<const std::uint8_t> bytes);
    [[nodiscard]] std::size_t text(std::span<const std::uint8_t> bytes);
    [[nodiscard]] bool may_go_on() const;
    void begin_head(char character);
    void head(char character);
    void begin_line();
    void append(char character);
    void end_line();
    void end_head();

    // Enough for "Content-Length: 1234567", in whatever spacing.
    static constexpr std::size_t kLine = 64;

    State state_ = State::Boundary;
    std::array<char, kLine> line_{};
    std::size_t line_size_ = 0;
    char line_end_ = '\0'; // of the line before, which goes on if this one begins with white space
    bool line_feed_ = false; // came behind a CR
    std::size_t head_size_ = 0;
    std::optional<std::size_t> content_length_;
    std::size_t body_left_ = 0;
    std::bitset<256> channels_; // that had a frame
    bool lost_ = false;         // behind bytes that belong to nothing
    std::size_t skipped_ = 0;   // of these
};

} // namespace rtspproxy::backend
