#include "app/settings/backend_options.hpp"

#include "app/settings/announce_parser.hpp"
#include "app/settings/make_backend.hpp"
#include "app/settings/mount_names.hpp"
#include "app/settings/option_group.hpp"
#include "app/settings/option_values.hpp"
#include "app/settings/secrets.hpp"

#include <algorithm>
#include <map>

namespace rtspproxy::settings {
namespace {

constexpr auto kTcp = "-t,--tcp";
constexpr auto kHttpTunnel = "-T,--http-tunnel";
constexpr auto kUser = "-u,--user";
constexpr auto kPasswordFile = "--password-file";
constexpr auto kLatencyOption = "--latency";
constexpr auto kConnectTimeoutOption = "--connect-timeout";
constexpr auto kStallTimeoutOption = "--stall-timeout";
constexpr auto kIdleTimeoutOption = "--idle-timeout";
constexpr auto kClockOption = "--clock";

void add_transport_options(CLI::App& app, bool& tcp, bool& strict,
                           std::optional<std::string>& tunnel) {
    auto* tcp_option =
        add_switch(app, kTcp, tcp,
                   "Take the media over the RTSP connection (TCP). Default: UDP or multicast, and "
                   "TCP by itself if nothing arrives within --connect-timeout.");
    add_value(app, kHttpTunnel, tunnel, "PORT",
              "Take RTSP and media through an RTSP-over-HTTP tunnel to this port of the back end, "
              "1 to 65535. Not together with --tcp.")
        ->excludes(tcp_option);
    add_switch(app, "--strict-transport", strict, "Never fall back from UDP to TCP.");
}

Result<Clock> parse_clock(const std::string& text) {
    if (text == "camera")
        return Clock::Camera;
    if (text == "proxy")
        return Clock::Proxy;
    return failure(std::string(kClockOption) + " " + masked_quote(text) +
                   ": must be camera or proxy");
}

} // namespace

void BackendOptions::add_to(CLI::App& app) {
    app.option_defaults()->group("Back ends");
    app.add_option("URL", urls_,
                   "Streams to serve: rtsp, rtsps (TLS), rtspt (TCP), rtspu (UDP) or rtsph (HTTP "
                   "tunnel) URLs, with user:password@ if need be ('@' is %40 in them, ':' %3A, "
                   "'/' %2F). NAME is the path it is served at: cam1, floor2/door. Default: "
                   "proxyStream; proxyStream-1, -2, ... if there are several.")
        ->option_text("[NAME=]URL...");
    add_transport_options(app, tcp_, strict_transport_, http_tunnel_);
    auto* user =
        add_pair(app, kUser, user_, "USER PASSWORD",
                 "Log in with these where the URL names no user; \"\" is an empty password. "
                 "Default: the environment variables GST_RTSP_PROXY_USER and "
                 "GST_RTSP_PROXY_PASSWORD, if set.");
    add_value(app, kPasswordFile, password_file_, "FILE",
              "Like --user, from the first line of FILE, which is USER:PASSWORD; keeps them out of "
              "the list of processes.")
        ->excludes(user);
    add_timing_options(app);
    add_switch(app, "--always-on", always_on_, "Play back ends even while nobody watches.");
    add_value(app, kClockOption, clock_, "WHOSE",
              "Whose wall clock the RTCP sender reports to clients are of. camera: the back end's, "
              "as its own reports have it, from the first one on. proxy: this machine's, at the "
              "time of arrival. Default: camera.");
    add_switch(app, "--demo", demo_,
               "Start a camera within the program (H.264 and audio, loopback only) and serve it, "
               "after the URLs if there are any.");
}

void BackendOptions::add_timing_options(CLI::App& app) {
    const BackendSettings defaults;
    add_value(app, kLatencyOption, latency_, "MS",
              "How long a gap waits for late or reordered UDP packets, " +
                  describe_milliseconds(kLatency, defaults.latency));
    add_value(app, kConnectTimeoutOption, connect_timeout_, "S",
              "Longest time from connecting to the first packet, " +
                  describe_seconds(kConnectTimeout, defaults.connect_timeout));
    add_value(app, kStallTimeoutOption, stall_timeout_, "S",
              "Without a packet for this long a back end is lost and connected anew, " +
                  describe_seconds(kStallTimeout, defaults.stall_timeout));
    add_value(app, kIdleTimeoutOption, idle_timeout_, "S",
              "A back end is stopped this long after its last viewer has left, " +
                  describe_seconds(kIdleTimeout, defaults.idle_timeout));
}

Result<void> BackendOptions::apply(Settings& settings, const Environment& environment) const {
    settings.demo = demo_;
    if (auto result = assign(settings.defaults, read_defaults(environment)); !result)
        return result;
    if (urls_.empty() && (swallowed_a_url(settings) || (!demo_ && !settings.registration.enabled)))
        return failure(describe_missing(settings));

    const auto count = urls_.size() + (demo_ ? 1 : 0);
    std::map<std::string, std::string> owners; // mount → who wants it
    if (demo_)
        owners[default_mount(urls_.size(), count)] = "the camera of --demo";
    for (std::size_t i = 0; i < urls_.size(); ++i) {
        auto backend = read_backend(urls_[i], settings);
        if (!backend)
            return tl::unexpected(std::move(backend.error()));
        if (backend->mount.empty())
            backend->mount = default_mount(i, count);
        const auto [owner, is_new] = owners.emplace(backend->mount, masked_quote(urls_[i]));
        if (!is_new)
            return failure("the name \"" + backend->mount + "\" is wanted by both " +
                           owner->second + " and " + masked_quote(urls_[i]));
        settings.backends.push_back(std::move(*backend));
    }
    return {};
}

Result<BackendSettings> BackendOptions::read_defaults(const Environment& environment) const {
    BackendSettings defaults;
    defaults.always_on = always_on_;
    if (strict_transport_)
        defaults.transport = Transport::Udp;
    if (tcp_)
        defaults.transport = Transport::Tcp;
    if (http_tunnel_) {
        defaults.transport = Transport::HttpTunnel;
        if (auto result = assign(defaults.http_port, parse_port(kHttpTunnel, *http_tunnel_, kPort));
            !result)
            return tl::unexpected(std::move(result.error()));
    }
    if (clock_)
        if (auto result = assign(defaults.clock, parse_clock(*clock_)); !result)
            return tl::unexpected(std::move(result.error()));
    return read_timeouts(defaults)
        .and_then([&] { return assign(defaults.credentials, read_login(environment)); })
        .map([&] { return defaults; });
}

Result<void> BackendOptions::read_timeouts(BackendSettings& defaults) const {
    if (latency_)
        if (auto result =
                assign(defaults.latency, parse_milliseconds(kLatencyOption, *latency_, kLatency));
            !result)
            return result;
    return read_seconds(kConnectTimeoutOption, connect_timeout_, kConnectTimeout,
                        defaults.connect_timeout)
        .and_then([&] {
            return read_seconds(kStallTimeoutOption, stall_timeout_, kStallTimeout,
                                defaults.stall_timeout);
        })
        .and_then([&] {
            return read_seconds(kIdleTimeoutOption, idle_timeout_, kIdleTimeout,
                                defaults.idle_timeout);
        });
}

Result<std::optional<Credentials>>
BackendOptions::read_login(const Environment& environment) const {
    if (user_) {
        const auto& [user, password] = *user_;
        return check_user_name(kUser, user).map([&] {
            return std::optional(Credentials{user, password});
        });
    }
    if (password_file_)
        return read_password_file(*password_file_).map([](Credentials&& credentials) {
            return std::optional(std::move(credentials));
        });
    return environment_login(environment);
}

Result<BackendSettings> BackendOptions::read_backend(const std::string& argument,
                                                     const Settings& settings) const {
    if (is_announce_command(argument))
        return failure(masked_quote(argument) + ": a command comes first, before any option");
    const auto named = split_named_url(argument);
    auto mount = settings.defaults.mount;
    if (named.has_name) {
        const auto name = parse_mount_name(named.name);
        if (!name)
            return failure(masked_quote(named.name) + ": " + name.error().message);
        mount = *name;
    }
    auto backend = make_backend(std::string(named.url), settings.defaults);
    if (!backend)
        return failure(describe(argument, settings) + ": " + backend.error().message);
    backend->mount = mount;
    return backend;
}

// A word that is no URL beside a login may be the rest of an unquoted password.
std::string BackendOptions::describe(const std::string& argument, const Settings& settings) const {
    const bool has_login = user_ || !settings.registration.users.empty();
    if (!has_login || argument.find("://") != std::string::npos)
        return masked_quote(argument);
    const auto position = std::find(urls_.begin(), urls_.end(), argument) - urls_.begin();
    return "back end " + std::to_string(position + 1) + " (not shown, it may belong to a password)";
}

// Whether a login without its password has taken the only URL for it.
bool BackendOptions::swallowed_a_url(const Settings& settings) const {
    const auto is_url = [](const std::string& password) {
        return password.starts_with("rtsp") && text::find_scheme_end(password) != std::string::npos;
    };
    const auto& users = settings.registration.users;
    return (user_ && is_url(user_->second)) ||
           std::any_of(users.begin(), users.end(),
                       [&](const auto& user) { return is_url(user.password); });
}

std::string BackendOptions::describe_missing(const Settings& settings) const {
    std::string message =
        "no back end: give at least one URL (rtsp://host/path), --register or --demo";
    if (swallowed_a_url(settings))
        message += "; --user and --register-user take two values, USER and PASSWORD";
    return message;
}

} // namespace rtspproxy::settings
