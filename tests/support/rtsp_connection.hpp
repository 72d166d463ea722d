// A plain RTSP client over one socket, for looking at exactly what a server answers.
#pragma once

#include "plugins/support/result.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/rtsp_message.hpp"
#include "tests/support/socket.hpp"

#include <functional>
#include <string>
#include <vector>

namespace rtspproxy::tests {

class RtspConnection {
  public:
    // "Name: value" each.
    using Headers = std::vector<std::string>;

    [[nodiscard]] static Result<RtspConnection> connect(const std::string& url);

    // Through HTTP: what is sent goes by a connection of its own, and is base64.
    [[nodiscard]] static Result<RtspConnection> connect_tunnel(const std::string& url);

    // Sends a request with the next CSeq and waits for its response. Frames that come in between go
    // to the frame handler.
    [[nodiscard]] Result<RtspResponse> request(const std::string& method, const std::string& url,
                                               const Headers& headers = {},
                                               Clock::duration patience = kPatience);
    [[nodiscard]] Result<void> send(const std::string& text);
    // Waits for the next message. An error: the server closed, or nothing came.
    [[nodiscard]] Result<RtspMessage> receive(Clock::duration patience);
    // Reads once what is there, without waiting for more, and handles the frames in it. False: the
    // connection has ended.
    [[nodiscard]] bool read_frames();

    void on_frame(std::function<void(const InterleavedFrame&)> handler) {
        handler_ = std::move(handler);
    }
    [[nodiscard]] int fd() const { return socket_.get(); }
    void close() {
        socket_.close();
        tunnel_.close();
    }

  private:
    explicit RtspConnection(Fd socket) : socket_(std::move(socket)) {}
    [[nodiscard]] bool read_once();
    [[nodiscard]] Result<void> skip_http_answer();

    Fd socket_;
    Fd tunnel_; // where requests go, if not there
    RtspParser parser_;
    std::function<void(const InterleavedFrame&)> handler_;
    int sequence_ = 0;
};

// One request on a connection of its own.
[[nodiscard]] Result<RtspResponse> rtsp_request(const std::string& method, const std::string& url,
                                                const RtspConnection::Headers& headers = {});

} // namespace rtspproxy::tests
