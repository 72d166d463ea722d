// RequestFramer: the bytes that an RTSP client sends, as whole messages.
//
// GstRTSPConnection reads lines without a bound, and waits in the middle of one. It is only given
// what is complete, within bounds and written in one way: CR LF at the end of each line, no folded
// lines, single blanks, one Content-Length, and that only where there is a body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rtspproxy::server {

inline constexpr std::size_t kMaxRequestHead = 64 * 1024;
inline constexpr std::size_t kMaxRequestBody = 64 * 1024;
// GstRTSPConnection cuts off what is longer by one, and a blank may be added behind the colon.
inline constexpr std::size_t kMaxRequestLine = 4094;

// Why nothing more is read from a client.
enum class Refusal {
    Malformed,  // not a message of RTSP
    TooLong,    // its head, a line of it or its body
    PlainHttp,  // HTTP, and not a tunnel's request
    CookieUsed, // a tunnel's GET with the cookie of another one
};

// Pure; belongs to one thread.
class RequestFramer {
  public:
    struct Piece {
        enum class Kind {
            Incomplete, // more bytes are needed
            Message,    // `bytes` is a request or response, in the form described above
            Frame,      // `bytes` is interleaved data (RFC 2326 §10.12), as it came
            Opaque,     // `bytes` is of a TLS connection, as it came
            TunnelGet,  // HTTP requests of a tunnel with that `cookie`: what follows is no RTSP …
            TunnelPost, // … or RTSP in base64
            Refused,    // for `refusal`; no more can be read
        };
        Kind kind = Kind::Incomplete;
        std::string bytes;
        std::string cookie;
        Refusal refusal = Refusal::Malformed;
    };

    // Takes from `input`, and away from it, what belongs to the next piece: all of it if there is
    // none yet.
    [[nodiscard]] Piece next(std::span<const std::uint8_t>& input);

    // There are bytes of a piece that is not complete.
    [[nodiscard]] bool in_piece() const { return state_ != State::Start; }
    // The CSeq of the message that was refused last, or is being read; empty if it has none.
    [[nodiscard]] const std::string& cseq() const { return cseq_; }

  private:
    enum class State { Start, Frame, Head, Body, Opaque };
    enum class LineEnd { None, Cr, Complete }; // what the bytes so far end with

    [[nodiscard]] Piece start(std::uint8_t first);
    [[nodiscard]] Piece take_head(std::uint8_t byte);
    [[nodiscard]] Piece take_frame(std::span<const std::uint8_t>& input);
    [[nodiscard]] Piece take_body(std::span<const std::uint8_t>& input);
    [[nodiscard]] Piece take_opaque(std::span<const std::uint8_t>& input);
    [[nodiscard]] Piece end_line(LineEnd end);
    [[nodiscard]] bool take_line();
    [[nodiscard]] bool take_start_line(std::string_view line);
    [[nodiscard]] bool take_header(std::string_view name, std::string_view value);
    [[nodiscard]] bool take_length(std::string_view value);
    [[nodiscard]] Piece finish_head();
    [[nodiscard]] Piece finish(Piece::Kind kind);
    [[nodiscard]] Piece refuse(Refusal refusal);
    void append_missing(std::span<const std::uint8_t>& input, std::size_t length);

    State state_ = State::Start;
    bool first_ = true;    // nothing has been read yet
    std::string piece_;    // what will be handed on
    std::size_t size_ = 0; // of piece_ once it is complete, but for heads

    // Of the head.
    std::string line_;
    LineEnd line_end_ = LineEnd::None;
    std::size_t head_bytes_ = 0;
    bool skip_line_feed_ = false; // the blank line ended with CR: an LF that follows belongs to it
    std::string method_;          // of HTTP; else empty
    std::string cookie_, cseq_;
    std::size_t content_length_ = 0;
    bool has_length_ = false;
};

// A message to which GstRTSPClient answers with the status for `refusal`, 400 or 413, and closes.
[[nodiscard]] std::string provoking_message(Refusal refusal, const std::string& cseq);

} // namespace rtspproxy::server
