// RtspServer: the RTSP 1.0 side of the bench camera and the bench relay. One session a connection,
// which ends with it.
#pragma once

#include "tests/bench/common/auth.hpp"
#include "tests/bench/common/loop.hpp"
#include "tests/bench/server/connection.hpp"
#include "tests/bench/server/mount.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace rtspproxy::bench {

// What a server has seen, since it started.
struct ServerCounters {
    std::uint64_t connections = 0;
    std::uint64_t sessions = 0;
    std::uint64_t unauthorized = 0;
    std::uint64_t expired = 0;
    std::map<std::string, std::uint64_t> requests; // by method
};

class RtspServer : public Connection::Listener {
  public:
    using OnControl = std::function<void(std::span<const std::uint8_t> packet)>;

    struct Options {
        Address address;            // port 0: any free one
        int session_timeout = 60;   // seconds, told to clients
        bool expire_silent = false; // end connections without a request for that long
    };
    // `on_control` gets the clients' RTCP packets. Throws std::runtime_error if it cannot listen.
    RtspServer(Loop& loop, const Options& options, OnControl on_control);

    void add(const std::string& path, Mount& mount) { mounts_[path] = &mount; }
    [[nodiscard]] std::uint16_t port() const { return address_.port(); }
    [[nodiscard]] UdpSender& udp() { return udp_; }

    void set_authenticator(std::optional<Authenticator> authenticator);
    void set_transports(bool tcp, bool udp);
    // While not answering, connections are accepted and requests read, but nothing is answered.
    void set_answering(bool answering) { answering_ = answering; }
    // Closes every connection; with RST instead of FIN if `reset`.
    void close_connections(bool reset);
    void stop_listening();
    // Listens on the same port again; returns false if that is not possible.
    bool start_listening();

    [[nodiscard]] const ServerCounters& counters() const { return counters_; }
    [[nodiscard]] std::size_t connections() const { return clients_.size(); }
    [[nodiscard]] std::size_t sessions() const;
    [[nodiscard]] std::size_t sessions_of(const Mount& mount) const;

  private:
    struct TrackPath {
        std::size_t track = 0;
        bool interleaved = false;
        std::uint8_t channel = 0;
        std::uint16_t rtp_port = 0;
        std::uint16_t rtcp_port = 0;
    };
    struct Session {
        std::string id;
        Mount* mount = nullptr;
        std::vector<TrackPath> paths;
        bool playing = false;
    };
    struct Client {
        std::unique_ptr<Connection> connection;
        std::optional<Session> session;
    };

    void on_request(Connection& connection, const Message& request) override;
    void on_client_frame(std::uint8_t channel, std::span<const std::uint8_t> packet) override;
    void on_closed(Connection& connection) override;

    void on_accept();
    void expire();
    bool authorize(Connection& connection, const Message& request);
    void dispatch(Client& client, const Message& request);
    void describe(Client& client, const Message& request);
    void set_up(Client& client, const Message& request);
    void play(Client& client, const Message& request);
    void stop_playing(Client& client);
    void answer(const Client& client, const Message& request, int status,
                const std::string& headers = {}, const std::string& body = {});
    [[nodiscard]] std::optional<TrackPath> choose_transport(const Message& request) const;
    [[nodiscard]] Mount* find_mount(const std::string& path) const;

    Loop& loop_;
    ReadBuffer buffer_;
    OnControl on_control_;
    Options options_;
    Address address_;
    Fd listener_;
    UdpSender udp_;
    std::unordered_map<std::string, Mount*> mounts_;
    std::unordered_map<int, Client> clients_; // by file descriptor
    std::optional<Authenticator> authenticator_;
    ServerCounters counters_;
    bool answering_ = true;
    bool tcp_allowed_ = true;
    bool udp_allowed_ = true;
};

} // namespace rtspproxy::bench
