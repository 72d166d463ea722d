// RtspClient: one RTSP 1.0 player up to the packets: OPTIONS, DESCRIBE, SETUP…, PLAY, keep-alive,
// TEARDOWN.
#pragma once

#include "tests/bench/client/session_description.hpp"
#include "tests/bench/common/auth.hpp"
#include "tests/bench/common/loop.hpp"
#include "tests/bench/common/socket.hpp"
#include "tests/bench/common/stream_reader.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rtspproxy::bench {

enum class Transport { Tcp, Udp };

// A track that has been set up.
struct ClientTrack {
    MediaSection media;
    std::uint8_t channel = 0;   // interleaved: RTP; RTCP is the next one
    std::optional<UdpPair> udp; // UDP: where packets arrive
    std::uint16_t server_control_port = 0;
};

class RtspClient {
  public:
    struct Listener {
        virtual ~Listener() = default;
        // All tracks are set up; PLAY is about to be sent, so packets may come.
        virtual void on_set_up() = 0;
        virtual void on_playing() = 0;
        // An interleaved frame that arrived at `now`; see StreamReader for where it lies.
        virtual void on_packet(std::uint8_t channel, std::span<std::uint8_t> packet,
                               Nanoseconds now) = 0;
        // Everything that one read brought has been handed over.
        virtual void on_packets_end() {}
        // The last call, for whatever reason but the owner's own wish. The object may be destroyed
        // from a later loop task, not in this call.
        virtual void on_ended(const std::string& reason) = 0;
    };
    struct Options {
        Url url;
        Address address; // of the server
        Credentials credentials;
        Transport transport = Transport::Tcp;
        bool audio = false; // set up all tracks instead of the video tracks only
        int udp_buffer = 2 * 1024 * 1024;
        Nanoseconds answer_timeout = 10 * kSecond;
    };

    RtspClient(Loop& loop, ReadBuffer& buffer, Options options, Listener& listener);
    ~RtspClient();
    RtspClient(const RtspClient&) = delete;
    RtspClient& operator=(const RtspClient&) = delete;

    void start();
    // Sends TEARDOWN if there is a session, and closes.
    void leave();
    // While paused nothing is read from the connection, as if the player were stuck.
    void set_paused(bool paused);

    [[nodiscard]] std::vector<ClientTrack>& tracks() { return tracks_; }
    [[nodiscard]] Nanoseconds play_sent() const { return play_sent_; }
    [[nodiscard]] const std::string& description() const { return description_; }
    [[nodiscard]] Transport transport() const { return options_.transport; }

    // For StreamReader.
    bool on_frame(std::uint8_t channel, std::span<std::uint8_t> packet);
    bool on_message(const Message& message);

  private:
    enum class Step { Connect, Options, Describe, SetUp, Play, Playing, Ended };

    void on_ready(std::uint32_t events);
    void request(const std::string& method, const std::string& uri, const std::string& headers);
    void repeat_request();
    void on_answer(const Message& answer);
    void on_described(const Message& answer);
    void on_track_set_up(const Message& answer);
    void set_up_next();
    void play();
    void keep_alive();
    void end(const std::string& reason);
    void disconnect();

    Loop& loop_;
    ReadBuffer& buffer_;
    Options options_;
    Listener& listener_;
    Fd fd_;
    StreamReader reader_;
    Step step_ = Step::Connect;
    std::string method_; // of the request that is waited for
    std::string uri_;
    std::string headers_;
    std::string challenge_;
    bool repeated_ = false; // the request has been sent again with an Authorization
    int sequence_ = 0;
    std::string base_;
    std::string description_;
    std::vector<MediaSection> wanted_;
    std::vector<ClientTrack> tracks_;
    std::string session_;
    Nanoseconds keep_alive_interval_ = 30 * kSecond;
    std::optional<Loop::TimerKey> timer_;
    Nanoseconds play_sent_ = 0;
    Nanoseconds arrival_ = 0; // of the bytes that are being taken apart
};

} // namespace rtspproxy::bench
