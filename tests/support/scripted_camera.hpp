// A camera that a test writes: it answers each request as the test says, and plainly where the test
// says nothing; each track that was set up is sent 50 pictures a second, of one packet each, every
// 25th a key frame. For what no well-behaved server does.
#pragma once

#include "tests/support/rtp_record.hpp"
#include "tests/support/socket.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace rtspproxy::tests {

inline constexpr const char* kScriptedVideo =
    "m=video 0 RTP/AVP 96\r\n"
    "a=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 "
    "packetization-mode=1;sprop-parameter-sets=Z0LAH9oBQBbpUgAAAwACAAADAGQeMGVA,aM48gA==\r\n"
    "a=control:track1\r\n";
inline constexpr const char* kScriptedAudio = "m=audio 0 RTP/AVP 8\r\n"
                                              "a=rtpmap:8 PCMA/8000\r\n"
                                              "a=control:track2\r\n";

class ScriptedCamera {
  public:
    struct Request {
        std::string method, url;
        std::map<std::string, std::string> headers; // names in lower case
        std::string body;

        // Empty: not there.
        [[nodiscard]] std::string header(const std::string& lower_case_name) const;
    };

    // The camera's end of a connection; used in that connection's threads.
    class Connection {
      public:
        // `headers`: whole lines. CSeq and Content-Length are added.
        void answer(const Request& request, int status = 200, const std::string& reason = "OK",
                    const std::string& headers = "", const std::string& body = "");
        // Any bytes, between messages and frames.
        void write(std::string_view bytes);
        // Does what is asked; the plain answer's Transport header.
        [[nodiscard]] std::string set_up(const Request& request);
        // What a camera does that is not told otherwise.
        void answer_plainly(const Request& request);
        void start_media();
        // The interleaved channel of the next track that is set up.
        void use_channel(unsigned channel) { next_channel_ = channel; }
        void close();
        // How many requests it got before this one.
        [[nodiscard]] std::size_t number() const { return requests_; }

      private:
        friend class ScriptedCamera;
        struct Track {
            std::optional<unsigned> channel; // over TCP
            Fd socket;                       // over UDP, connected
        };
        Connection(ScriptedCamera& camera, Fd socket);
        void run();
        void send_media();
        void send(const Track& track, const std::vector<std::uint8_t>& packet);
        [[nodiscard]] std::optional<std::string> read_message();

        ScriptedCamera& camera_;
        Fd socket_;
        std::mutex writing_;
        std::vector<std::unique_ptr<Track>> tracks_;
        unsigned next_channel_ = 0;
        std::size_t requests_ = 0;
        std::string buffer_;
        std::atomic<bool> open_{true};
        std::atomic<bool> playing_{false};
        std::thread media_;
        std::thread thread_;
    };

    struct Script {
        std::string media = kScriptedVideo; // m= sections of the SDP
        // True: the request was answered, or is not to be.
        std::function<bool(Connection&, const Request&)> on_request{};
        // After the picture with that number was sent on all tracks.
        std::function<void(Connection&, unsigned picture)> after_picture{};
        std::string session = "12345678";
    };

    explicit ScriptedCamera(Script script);
    ~ScriptedCamera();
    ScriptedCamera(const ScriptedCamera&) = delete;
    ScriptedCamera& operator=(const ScriptedCamera&) = delete;

    [[nodiscard]] std::string url(const std::string& path = "/live") const;
    [[nodiscard]] std::uint16_t port() const { return port_; }
    // In the order of their arrival; also answers to the camera's own requests, as method
    // "RTSP/1.0".
    [[nodiscard]] std::vector<Request> requests();
    [[nodiscard]] std::size_t count(const std::string& method);
    [[nodiscard]] std::size_t connections();
    // What was sent on the track, over all connections.
    [[nodiscard]] std::vector<RtpRecord> sent(std::size_t track = 0);
    // Ends every connection.
    void cut();

  private:
    void accept();
    void handle(Connection& connection, const Request& request);

    const Script script_;
    Fd listening_;
    const std::uint16_t port_;
    std::mutex mutex_;
    std::vector<Request> requests_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::array<PacketLog, 4> sent_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

} // namespace rtspproxy::tests
