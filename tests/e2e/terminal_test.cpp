// What a camera says reaches no terminal as it is.
#include "tests/e2e/proxy.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <thread>

namespace rtspproxy::tests {
namespace {

// Answers every request with the same words.
class RudeCamera {
  public:
    RudeCamera() {
        thread_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested())
                if (readable(listening_))
                    serve(Fd(::accept(listening_.get(), nullptr, nullptr)));
        });
    }
    [[nodiscard]] std::string url() const {
        return "rtsp://127.0.0.1:" + std::to_string(local_port(listening_)) + "/live";
    }

  private:
    static bool readable(const Fd& socket) {
        pollfd polled{socket.get(), POLLIN, 0};
        return ::poll(&polled, 1, 50) == 1;
    }
    static void serve(const Fd& socket) {
        while (read_request(socket)) {
            const std::string answer = "RTSP/1.0 404 \x1b]0;owned\x07 \x1b[2J \xc2\x9b"
                                       "31m\r\n"
                                       "Server: \x1b[31mred \xff\r\n\r\n";
            ::send(socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }
    static bool read_request(const Fd& socket) {
        std::string request;
        char buffer[1024];
        while (request.find("\r\n\r\n") == std::string::npos) {
            const auto size = readable(socket) ? ::recv(socket.get(), buffer, sizeof buffer, 0) : 0;
            if (size <= 0)
                return false;
            request.append(buffer, static_cast<std::size_t>(size));
        }
        return true;
    }

    const Fd listening_ = *listen_tcp("127.0.0.1", 0, 16);
    std::jthread thread_;
};

bool obeyed_by_a_terminal(const std::string& text) {
    return text.find("\xc2\x9b") != std::string::npos || std::ranges::any_of(text, [](char each) {
               const auto byte = static_cast<unsigned char>(each);
               return (byte < 0x20 && each != '\n') || byte == 0x7f || byte == 0xff;
           });
}

class Terminal : public WatchedTest {};

TEST_F(Terminal, IsNotAtTheMercyOfACamera) {
    RudeCamera camera;
    Proxy proxy({"-V", camera.url()});
    ASSERT_TRUE(proxy.process().wait_err("\\x1b[31mred")); // as a header, by -V
    ASSERT_TRUE(proxy.process().wait_err("back end lost: back end answered 404"));
    const auto response = rtsp_request("DESCRIBE", proxy.url());
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 503);
    EXPECT_NE(response->reason.find("\\xc2\\x9b31m"), std::string::npos) << response->reason;
    EXPECT_FALSE(obeyed_by_a_terminal(response->reason));
    proxy.process().send_signal(SIGUSR1);
    ASSERT_TRUE(proxy.process().wait_err("{\"mount\""));
    EXPECT_FALSE(obeyed_by_a_terminal(proxy.process().err()));
}

} // namespace
} // namespace rtspproxy::tests
