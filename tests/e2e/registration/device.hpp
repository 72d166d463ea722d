// A camera behind a NAT: it opens the connection, registers, and serves its one track on that same
// connection. As awkward as cameras get: a Digest login, a Content-Base that leads nowhere, and
// control URLs that are absolute and of yet another host.
#pragma once

#include "plugins/registration/message.hpp"
#include "plugins/support/guarded.hpp"
#include "tests/support/rtp_record.hpp"
#include "tests/support/socket.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace rtspproxy::tests {

class Device {
  public:
    static constexpr const char* kUser = "operator";
    static constexpr const char* kPassword = "open: sesame";
    static constexpr const char* kUrl = "rtsp://device.invalid/stream";
    static constexpr const char* kControl = "rtsp://inside.invalid:1554/media/track=1";

    // Registers at 127.0.0.1 as /suffix.
    Device(std::uint16_t proxy_port, const std::string& suffix);
    // Closes the connection without a word.
    ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    // Waits until its REGISTER has been answered with 200.
    [[nodiscard]] bool wait_registered() const;
    // "METHOD URL" of each request that had the right login, oldest first.
    [[nodiscard]] std::vector<std::string> requests() { return *requests_.lock(); }
    [[nodiscard]] int count(const std::string& method);
    // Requests with a login that is wrong. (One without any is only told what is needed.)
    [[nodiscard]] int wrong_logins() const { return wrong_logins_; }
    [[nodiscard]] std::vector<RtpRecord> sent() { return log_.packets(); }
    // What it was sent is no RTSP at all.
    [[nodiscard]] bool confused() const { return confused_; }

  private:
    void run();
    bool receive();
    bool take_message();
    void answer(const registration::MessageHead& request);
    [[nodiscard]] bool admitted(const registration::MessageHead& request, std::string_view method);
    void send(const std::string& text);
    void send_packet();

    Fd socket_;
    std::string buffer_;
    std::atomic<bool> registered_{false};
    std::atomic<bool> stopping_{false};
    std::atomic<bool> confused_{false};
    std::atomic<int> wrong_logins_{0};
    Guarded<std::vector<std::string>> requests_;
    PacketLog log_;
    bool playing_ = false;
    std::uint64_t next_packet_ = 0;
    std::thread thread_;
};

} // namespace rtspproxy::tests
