// A real RTSP server (gst-rtsp-server) inside the test, that remembers what it was asked and what
// it sent.
#pragma once

#include "plugins/support/deleter.hpp"
#include "plugins/support/ref.hpp"
#include "tests/support/rtp_record.hpp"

#include <gst/rtsp-server/rtsp-server.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rtspproxy::tests {

// What was seen since the start.
struct ServerCounts {
    // RTSP sessions that were opened, and requests by method ("DESCRIBE", "PLAY", …) that were
    // answered with success.
    int sessions_ever = 0;
    std::map<std::string, int> methods;
    // Of each SETUP: "UDP", "UDP_MCAST", "TCP", or "HTTP" when tunnelled.
    std::vector<std::string> transports;
    // Connections.
    int clients_ever = 0;
};

// What a client told the server of the packets that it got.
struct ReceiverReport {
    unsigned fraction_lost = 0; // in 256ths, since the report before
    int packets_lost = 0;
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0; // any
    // A user without whom nothing is served.
    std::optional<std::string> user = std::nullopt;
    std::string password = {};
    bool digest = false; // Digest instead of Basic
};

struct MountOptions {
    // Multicast only, on the loopback interface, IPv4.
    bool multicast = false;
    // Answers every SETUP but sends nothing over UDP.
    bool udp_black_hole = false;
    // Over UDP every tenth packet changes places with the next one.
    bool udp_disorder = false;
    // SRTP (RTP/SAVP), with the keys in the SDP.
    bool encrypted = false;
};

class TestServer {
  public:
    explicit TestServer(const ServerOptions& options = {});
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    // Serves a launch line, "( … name=pay0 … )", at "/path"; one pipeline for all clients.
    void mount(const std::string& path, const std::string& launch, MountOptions options = {});

    [[nodiscard]] std::uint16_t port() const { return port_; }
    // "rtsp://127.0.0.1:PORT/path"; `login` is "user:password@" or empty, `host` replaces the
    // address.
    [[nodiscard]] std::string url(const std::string& path, const std::string& login = "",
                                  const std::string& host = "") const;

    [[nodiscard]] ServerCounts counts();
    [[nodiscard]] int count(const std::string& method);
    // RTSP sessions that are open now.
    [[nodiscard]] unsigned sessions_now();
    // Of all clients, oldest first.
    [[nodiscard]] std::vector<ReceiverReport> reports();
    // What left the payloader `pay<track>` of a mount, oldest first; also what nobody was sent.
    [[nodiscard]] std::vector<RtpRecord> sent(const std::string& path, unsigned track = 0);

    // What the server's callbacks write to; outlives the server.
    struct Memory;

  private:
    void require_login(const ServerOptions& options);
    void make_multicast(GstRTSPMediaFactory* factory);

    Ref<GMainContext> context_;
    Ref<GMainLoop> loop_;
    std::shared_ptr<Memory> memory_;
    std::unique_ptr<GstRTSPServer, Deleter<g_object_unref>> server_;
    std::string address_;
    std::uint16_t port_ = 0;
    bool login_required_ = false;
    int multicast_mounts_ = 0;
    GSource* source_ = nullptr;
    std::thread thread_;
};

} // namespace rtspproxy::tests
