// Follows a stream of RTSP messages and interleaved frames (RFC 2326 §4, §10.12) without keeping
// it: tells where each ends, and what the messages are. Pure: bytes in, values out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rtspproxy::registration_app {

class RtspFramer {
  public:
    enum class Kind {
        Frame,    // "$", channel, length, data
        Request,  // any message that is no response, and blank lines between messages
        Response, // begins with "RTSP/"
    };
    // The next bytes of one message.
    struct Step {
        std::size_t length = 0; // at least 1
        bool frame = false;     // they belong to a frame
        bool complete = false;  // the message ends with them; kind() and method() are about it
    };

    // Looks at the beginning of `bytes`, which are not empty and follow those of the last step. If
    // failed() then, the step is of no use.
    [[nodiscard]] Step step(std::string_view bytes);

    // The stream is no RTSP: a message's head is longer than 64 KiB, its body than 1 MiB.
    [[nodiscard]] bool failed() const { return state_ == State::Failed; }
    [[nodiscard]] bool at_boundary() const { return state_ == State::Boundary; }

    [[nodiscard]] Kind kind() const { return kind_; }
    // Of the last complete message, if it is a request: "TEARDOWN".
    [[nodiscard]] std::string_view method() const;

  private:
    enum class State { Boundary, FrameHead, FrameBody, Head, Body, Failed };

    [[nodiscard]] Step begin(char first);
    [[nodiscard]] Step step_frame_head(std::string_view bytes);
    [[nodiscard]] Step step_head(std::string_view bytes);
    [[nodiscard]] Step step_rest(std::string_view bytes);
    [[nodiscard]] bool finish_head(); // whether there is no body

    State state_ = State::Boundary;
    Kind kind_ = Kind::Request;
    std::string head_;     // of the message, or of the frame (4 bytes)
    std::size_t left_ = 0; // bytes of the body that are to come
};

} // namespace rtspproxy::registration_app
