// What the operator asked for: the one value that the command line (and later a YAML file) is
// turned into, and that the rest of the program is built from.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::settings {

// How media travel from a back end to the proxy.
enum class Transport {
    Automatic,  // UDP (or multicast, if the SDP says so); TCP if nothing arrives within
                // connect_timeout
    Udp,        // UDP only: Automatic with strict_transport
    Tcp,        // interleaved in the RTSP connection (RFC 2326 §10.12)
    HttpTunnel, // RTSP over HTTP, on BackendSettings::http_port
};

// Whose wall clock the sender reports (RTCP) that clients get are of.
enum class Clock {
    Camera, // the back end's, by its own sender reports; none until its first one
    Proxy,  // this machine's, at the time of arrival
};

// A user name and a password. An empty password is a password.
struct Credentials {
    std::string user;
    std::string password;
    bool operator==(const Credentials&) const = default;
};

// One camera (or other RTSP server) and the mount that it is served at.
struct BackendSettings {
    // rtsp, rtsps, rtspt, rtspu, rtsph, rtspst, rtspsu or rtspsh; never holds user:password@, but
    // may hold a password in its path or query: for logs and output there is display_url.
    std::string url;
    // The URL as the operator wrote it, every password in it replaced by "***".
    std::string display_url;
    std::optional<Credentials> credentials;
    // Path below the server's root, without a leading slash: "proxyStream".
    std::string mount;
    Transport transport = Transport::Automatic;
    // For Transport::HttpTunnel, 1–65535: the port of a rtsph URL, else that of --http-tunnel, else
    // 80 (443 with TLS).
    std::uint16_t http_port = 0;
    // "host:port" that is dialled instead of the URL's, which stays as it is in every request; only
    // with Transport::Tcp. For a back end that wants its own connection used (REGISTER with
    // reuse_connection): the loopback port that leads to it. Empty: the URL's host is dialled.
    std::string proxy;
    std::chrono::milliseconds latency{20}; // how long a gap waits for a late UDP packet; 0–10000
    std::chrono::milliseconds connect_timeout{5000}; // connect → first packet
    std::chrono::milliseconds stall_timeout{5000};   // last packet → given up as lost
    std::chrono::milliseconds idle_timeout{10000};   // last viewer gone → back end stopped
    bool always_on = false;                          // play the back end even if nobody watches
    Clock clock = Clock::Camera;                     // of the sender reports that clients get
    bool fast_start = true; // clients that join begin with the last key frame
    // Clients are not told why the back end is not to be had: its URL is a stranger's, to whom the
    // reason would tell which ports of which hosts are open.
    bool discreet = false;
    bool operator==(const BackendSettings&) const = default;
};

// Back ends that announce themselves with REGISTER and leave with DEREGISTER. The limits hold for
// every connection to the RTSP port, also while registration is off: each waits to be told apart.
struct RegistrationSettings {
    bool enabled = false; // accept the two commands; if not, they are answered 405
    // Who may register, checked by Digest authentication; no two have the same name. None:
    // everybody.
    std::vector<Credentials> users;
    // A device that lets its own connection be used goes with it: how long its mount waits, its
    // viewers connected, for the device to register again; 0: not at all. 0–24 h.
    std::chrono::milliseconds grace{30'000};
    std::size_t max_registered = 256; // mounts at a time that came by REGISTER; 1–100000
    // Connections that have not yet said what they are: in all, and of one address (of one /64
    // network with IPv6). A newcomer makes the one go that has been silent longest. 1–1000000.
    std::size_t max_pending = 512;
    std::size_t max_pending_per_address = 128;
    std::chrono::milliseconds decide_timeout{5000}; // how long a connection may be one; 0.1 s–1 h
    std::size_t max_request_bytes = 8192; // of a REGISTER or DEREGISTER; more is 400; 256–65536
    bool operator==(const RegistrationSettings&) const = default;
};

// What clients get, and how much of it may wait for one that reads slowly.
struct DeliverySettings {
    // A group of pictures (key frame to key frame) of up to so many bytes is kept for clients that
    // join; a longer one is not. 0: none is. 0–1 GiB, a track.
    std::size_t max_gop_bytes = 8U << 20;
    // So much waits for one client over TCP; then it loses what waits, down to the next key frame.
    // 64 KiB–1 GiB.
    std::size_t max_queue_bytes = 8U << 20;
    // Such a client is disconnected if it has read nothing for so long. 1 s–1 h.
    std::chrono::milliseconds stuck_timeout{10'000};
    // Write to many clients over TCP with one system call, where the kernel lets us.
    bool io_uring = true;
    bool operator==(const DeliverySettings&) const = default;
};

// Who may be connected to the front end.
struct ConnectionSettings {
    std::size_t max_connections = 10'000;              // in all; 1–1000000
    std::size_t max_connections_per_address = 2000;    // IPv6: of one /64 network; 1–1000000
    std::chrono::milliseconds request_timeout{10'000}; // from first byte to last; 0.1 s–1 h
    bool operator==(const ConnectionSettings&) const = default;
};

enum class Verbosity { Quiet, Verbose, VeryVerbose };

struct Settings {
    std::vector<BackendSettings> backends;
    Verbosity verbosity = Verbosity::Quiet;
    // What a back end that joins later starts from (one that registers, the camera of --demo):
    // transport, credentials, timeouts. Its url, display_url and mount are empty.
    BackendSettings defaults;
    RegistrationSettings registration;
    DeliverySettings delivery;
    ConnectionSettings connections;
    std::uint16_t port = 554; // front end; tried first, then 554, then 8554; 0: any free port
    std::string bind_address; // numeric IPv4 or IPv6 address; empty: every address of both families
    bool demo = false;        // start the embedded camera and proxy it
    bool print_launch = false; // print the launch lines, passwords masked, and exit
};

} // namespace rtspproxy::settings
