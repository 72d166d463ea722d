// What the operator asked for: the one value that the command line (and later a YAML file) is
// turned into, and that the rest of the program is built from.
#pragma once

#include <chrono>
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

// A user name and a password. An empty password is a password.
struct Credentials {
    std::string user;
    std::string password;
    bool operator==(const Credentials&) const = default;
};

// One camera (or other RTSP server) and the mount that it is served at.
struct BackendSettings {
    // rtsp, rtsps, rtspt, rtspu, rtsph or rtspsh; never holds credentials.
    std::string url;
    std::optional<Credentials> credentials;
    // Path below the server's root, without a leading slash: "proxyStream".
    std::string mount;
    Transport transport = Transport::Automatic;
    std::uint16_t http_port = 0;           // for Transport::HttpTunnel; 1–65535
    std::chrono::milliseconds latency{20}; // how long a gap waits for a late UDP packet; 0–10000
    std::chrono::milliseconds connect_timeout{5000}; // connect → first packet
    std::chrono::milliseconds stall_timeout{5000};   // last packet → given up as lost
    std::chrono::milliseconds idle_timeout{10000};   // last viewer gone → back end stopped
    bool always_on = false;                          // play the back end even if nobody watches
    bool operator==(const BackendSettings&) const = default;
};

enum class Verbosity { Quiet, Verbose, VeryVerbose };

struct Settings {
    std::vector<BackendSettings> backends;
    Verbosity verbosity = Verbosity::Quiet;
    std::uint16_t port = 554; // front end; tried first, then 554, then 8554
    std::string bind_address; // numeric IPv4 or IPv6 address; empty: every address of both families
    bool demo = false;        // start the embedded camera and proxy it
    bool print_launch = false; // print the launch lines, passwords masked, and exit
};

} // namespace rtspproxy::settings
