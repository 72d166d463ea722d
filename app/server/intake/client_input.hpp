// ClientInput: what one client connection sends, read without waiting and handed on in whole
// messages, one a turn.
//
// The two connections of an HTTP tunnel become one here: GstRTSPClient sees a plain connection, the
// GET's, whose requests are what the POST says in base64. All methods: client's thread.
#pragma once

#include "app/server/intake/admission.hpp"
#include "app/server/intake/pace.hpp"
#include "app/server/intake/request_framer.hpp"
#include "app/server/intake/tunnel_table.hpp"
#include "plugins/support/ref.hpp"

#include <gio/gio.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rtspproxy::server {

class ClientInput {
  public:
    using Clock = std::chrono::steady_clock;

    // `admission` lives as long as the socket.
    ClientInput(Ref<GSocket> socket, Admission& admission);
    ~ClientInput();
    ClientInput(const ClientInput&) = delete;
    ClientInput& operator=(const ClientInput&) = delete;

    // As g_pollable_input_stream_read_nonblocking(): a length, 0 at the end, or -1 for nothing yet.
    [[nodiscard]] gssize read(std::span<std::uint8_t> out);
    // Something can be read without looking at a socket.
    [[nodiscard]] bool holds_bytes() const { return released_.size() > taken_; }
    [[nodiscard]] GSocket* socket() const { return socket_.get(); }

    // What to wait for until the next read().
    struct Wanted {
        int own = -1, post = -1;               // descriptors to become readable; -1: not
        std::optional<Clock::time_point> time; // or that
    };
    [[nodiscard]] Wanted wanted() const;
    // Another connection has news: read.
    [[nodiscard]] bool has_mail() const { return mailbox_ && mailbox_->waits(); }
    // Where it is read from now on.
    void run_in(GMainContext* context) { context_ = context; }

  private:
    enum class State {
        Direct,    // RTSP on its own socket
        Getting,   // a tunnel's GET: RTSP comes from the POST
        Posting,   // a tunnel's POST: waits to be taken by its GET
        Draining,  // refused: whatever comes is thrown away before the answer and the end, as
                   // unread bytes would turn them into a reset
        Answering, // the last message has been handed on
        Ended,
    };
    enum class Received { Bytes, Nothing, End };

    void advance();
    void read_direct();
    void read_tunnel();
    void drain();
    bool hand_on_next();
    void take(RequestFramer::Piece piece);
    void start_get(const std::string& cookie);
    void start_post(const std::string& cookie);
    void take_post(TunnelPost post);
    void refuse(Refusal refusal);
    void answer_http(std::string_view answer);
    void end() { state_ = State::Ended; }
    [[nodiscard]] Received receive(GSocket* socket, std::size_t& length);
    void decode(std::span<const std::uint8_t> text);
    void count_unfinished(std::size_t length);
    void prove();
    void check_time();
    void make_mailbox(const std::string& cookie);
    [[nodiscard]] IntakeState& intake() { return admission_.state(); }

    const Ref<GSocket> socket_;
    Admission& admission_;
    State state_ = State::Direct;
    RequestFramer framer_;
    Pace pace_;
    std::vector<std::uint8_t> input_;        // received, not yet framed
    std::string released_;                   // handed on …
    std::size_t taken_ = 0;                  // … and so much of it read
    std::optional<Clock::time_point> begun_; // when the message that is not complete began
    std::size_t unfinished_ = 0;             // bytes received since the last message

    // Draining.
    std::string last_words_; // to hand on at the end
    Clock::time_point quiet_at_, give_up_at_;
    std::size_t drained_ = 0;

    // Tunnel.
    GMainContext* context_ = nullptr; // outlives the sources that read this
    std::shared_ptr<TunnelMailbox> mailbox_;
    std::string cookie_;
    Ref<GSocket> post_;
    Admission* post_admission_ = nullptr;
    int decode_state_ = 0;
    unsigned decode_save_ = 0;
    std::size_t ignored_ = 0; // bytes that came on a GET
};

} // namespace rtspproxy::server
