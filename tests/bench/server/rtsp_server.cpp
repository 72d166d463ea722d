#include "tests/bench/server/rtsp_server.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

namespace rtspproxy::bench {
namespace {

std::string reason(int status) {
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 404:
        return "Not Found";
    case 454:
        return "Session Not Found";
    case 461:
        return "Unsupported Transport";
    case 501:
        return "Not Implemented";
    default:
        return "Service Unavailable";
    }
}

// The path of a request URI, without query and trailing slash.
std::string request_path(const std::string& uri) {
    const auto url = parse_url(uri);
    std::string path = url ? url->path : uri;
    path = path.substr(0, path.find('?'));
    while (path.ends_with('/'))
        path.pop_back();
    return path;
}

std::string random_id() {
    std::random_device random;
    return std::to_string(random()) + std::to_string(random() % 1000);
}

Fd listen_or_throw(const Address& address) {
    Fd fd = listen_tcp(address);
    if (!fd)
        throw std::runtime_error("cannot listen on port " + std::to_string(address.port()));
    return fd;
}

} // namespace

RtspServer::RtspServer(Loop& loop, const Options& options, OnControl on_control)
    : loop_(loop), on_control_(std::move(on_control)), options_(options),
      listener_(listen_or_throw(options.address)),
      udp_(loop, options.address, [this](auto packet) { on_control_(packet); }) {
    address_ = local_address(listener_.get());
    loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { on_accept(); });
    if (options_.expire_silent)
        loop_.every(kSecond, [this] { expire(); });
}

void RtspServer::set_authenticator(std::optional<Authenticator> authenticator) {
    authenticator_ = std::move(authenticator);
}

void RtspServer::set_transports(bool tcp, bool udp) {
    tcp_allowed_ = tcp;
    udp_allowed_ = udp;
}

void RtspServer::stop_listening() {
    if (!listener_)
        return;
    loop_.forget(listener_.get());
    listener_.reset();
}

bool RtspServer::start_listening() {
    if (listener_)
        return true;
    listener_ = listen_tcp(address_);
    if (!listener_)
        return false;
    loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { on_accept(); });
    return true;
}

void RtspServer::on_accept() {
    Address peer;
    peer.size = sizeof peer.storage;
    Fd fd(::accept4(listener_.get(), peer.raw(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd)
        return;
    set_no_delay(fd.get());
    ++counters_.connections;
    const int key = fd.get();
    clients_[key].connection =
        std::make_unique<Connection>(loop_, buffer_, std::move(fd), peer, *this);
}

void RtspServer::on_closed(Connection& connection) {
    const auto client = clients_.find(connection.fd());
    stop_playing(client->second);
    clients_.erase(client);
}

void RtspServer::close_connections(bool reset) {
    for (auto& [fd, client] : clients_) {
        stop_playing(client);
        if (reset)
            client.connection->reset_on_close();
    }
    clients_.clear();
}

void RtspServer::expire() {
    const Nanoseconds oldest = monotonic_now() - options_.session_timeout * kSecond;
    for (auto client = clients_.begin(); client != clients_.end();) {
        const bool silent =
            client->second.session && client->second.connection->last_request() < oldest;
        if (silent) {
            ++counters_.expired;
            stop_playing(client->second);
        }
        client = silent ? clients_.erase(client) : std::next(client);
    }
}

std::size_t RtspServer::sessions() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        clients_, [](const auto& entry) { return entry.second.session.has_value(); }));
}

std::size_t RtspServer::sessions_of(const Mount& mount) const {
    return static_cast<std::size_t>(std::ranges::count_if(clients_, [&](const auto& entry) {
        return entry.second.session && entry.second.session->mount == &mount;
    }));
}

void RtspServer::on_client_frame(std::uint8_t channel, std::span<const std::uint8_t> packet) {
    if (channel % 2 == 1)
        on_control_(packet);
}

void RtspServer::on_request(Connection& connection, const Message& request) {
    ++counters_.requests[request.first];
    if (answering_ && authorize(connection, request))
        dispatch(clients_.at(connection.fd()), request);
}

bool RtspServer::authorize(Connection& connection, const Message& request) {
    if (!authenticator_ || request.first == "OPTIONS" ||
        authenticator_->accepts(request.header("Authorization"), request.first))
        return true;
    ++counters_.unauthorized;
    std::string headers;
    for (const std::string& challenge : authenticator_->challenges())
        headers += "WWW-Authenticate: " + challenge + "\r\n";
    answer(clients_.at(connection.fd()), request, 401, headers);
    return false;
}

void RtspServer::answer(const Client& client, const Message& request, int status,
                        const std::string& headers, const std::string& body) {
    std::string text = "RTSP/1.0 " + std::to_string(status) + " " + reason(status) +
                       "\r\nCSeq: " + std::string(request.header("CSeq")) + "\r\n" + headers;
    if (client.session)
        text += "Session: " + client.session->id +
                ";timeout=" + std::to_string(options_.session_timeout) + "\r\n";
    if (!body.empty())
        text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    client.connection->send_text(text + "\r\n" + body);
}

void RtspServer::dispatch(Client& client, const Message& request) {
    const std::string& method = request.first;
    if (method == "OPTIONS")
        return answer(client, request, 200,
                      "Public: OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, "
                      "SET_PARAMETER, TEARDOWN\r\n");
    if (method == "DESCRIBE")
        return describe(client, request);
    if (method == "SETUP")
        return set_up(client, request);
    if (method != "PLAY" && method != "PAUSE" && method != "TEARDOWN" &&
        method != "GET_PARAMETER" && method != "SET_PARAMETER")
        return answer(client, request, 501);
    const std::string session(
        request.header("Session").substr(0, request.header("Session").find(';')));
    const bool parameters = method.ends_with("_PARAMETER");
    if (!client.session ? !parameters : client.session->id != session && !session.empty())
        return answer(client, request, 454);
    if (method == "PLAY")
        return play(client, request);
    if (method == "PAUSE" || method == "TEARDOWN")
        stop_playing(client);
    answer(client, request, 200);
    if (method == "TEARDOWN")
        client.session.reset();
}

Mount* RtspServer::find_mount(const std::string& path) const {
    const auto mount = mounts_.find(path);
    return mount == mounts_.end() ? nullptr : mount->second;
}

void RtspServer::describe(Client& client, const Message& request) {
    const Mount* mount = find_mount(request_path(request.second));
    if (mount == nullptr)
        return answer(client, request, 404);
    const std::string description = mount->description();
    if (description.empty())
        return answer(client, request, 503);
    const std::string base = request.second + (request.second.ends_with('/') ? "" : "/");
    answer(client, request, 200, "Content-Base: " + base + "\r\nContent-Type: application/sdp\r\n",
           description);
}

// The first of the offered transports that is allowed.
std::optional<RtspServer::TrackPath> RtspServer::choose_transport(const Message& request) const {
    for (const std::string_view offer : split(request.header("Transport"), ',')) {
        TrackPath path;
        const auto profile = trimmed(offer.substr(0, offer.find(';')));
        if (equals_ignoring_case(profile, "RTP/AVP/TCP") && tcp_allowed_) {
            const auto channel = first_number(parameter(offer, "interleaved").value_or("0"));
            path.interleaved = true;
            path.channel = static_cast<std::uint8_t>(channel.value_or(0));
            return path;
        }
        const bool is_udp = equals_ignoring_case(profile, "RTP/AVP") ||
                            equals_ignoring_case(profile, "RTP/AVP/UDP");
        const auto ports = parameter(offer, "client_port");
        if (!is_udp || !udp_allowed_ || !ports)
            continue;
        const auto dash = ports->find('-');
        path.rtp_port = static_cast<std::uint16_t>(first_number(*ports).value_or(0));
        path.rtcp_port =
            dash == std::string::npos
                ? static_cast<std::uint16_t>(path.rtp_port + 1)
                : static_cast<std::uint16_t>(first_number(ports->substr(dash + 1)).value_or(0));
        return path;
    }
    return std::nullopt;
}

void RtspServer::set_up(Client& client, const Message& request) {
    const std::string path = request_path(request.second);
    const auto slash = path.rfind('/');
    const auto track = parameter(path.substr(slash + 1), "trackID");
    Mount* mount = find_mount(path.substr(0, slash));
    const int index = first_number(track.value_or("-1")).value_or(-1);
    if (mount == nullptr || index < 0 || static_cast<std::size_t>(index) >= mount->tracks().size())
        return answer(client, request, 404);
    auto chosen = choose_transport(request);
    if (!chosen)
        return answer(client, request, 461);
    chosen->track = static_cast<std::size_t>(index);
    if (!client.session) {
        client.session = Session{random_id(), mount, {}, false};
        ++counters_.sessions;
    }
    std::erase_if(client.session->paths,
                  [&](const TrackPath& other) { return other.track == chosen->track; });
    client.session->paths.push_back(*chosen);
    std::string transport;
    if (chosen->interleaved)
        transport = "RTP/AVP/TCP;unicast;interleaved=" + std::to_string(chosen->channel) + "-" +
                    std::to_string(chosen->channel + 1);
    else
        transport = "RTP/AVP;unicast;client_port=" + std::to_string(chosen->rtp_port) + "-" +
                    std::to_string(chosen->rtcp_port) +
                    ";server_port=" + std::to_string(udp_.rtp_port()) + "-" +
                    std::to_string(udp_.rtp_port() + 1);
    answer(client, request, 200, "Transport: " + transport + "\r\n");
}

void RtspServer::play(Client& client, const Message& request) {
    Session& session = *client.session;
    std::string base = request.second;
    while (base.ends_with('/'))
        base.pop_back();
    std::string info;
    const auto tracks = session.mount->tracks();
    for (const TrackPath& path : session.paths) {
        const std::string next = session.mount->rtp_info(path.track);
        if (!next.empty())
            info += (info.empty() ? "RTP-Info: url=" : ",url=") + base +
                    "/trackID=" + std::to_string(path.track) + ";" + next;
    }
    answer(client, request, 200, "Range: npt=now-\r\n" + info + (info.empty() ? "" : "\r\n"));
    if (std::exchange(session.playing, true))
        return;
    Connection& connection = *client.connection;
    for (const TrackPath& path : session.paths) {
        if (path.track >= tracks.size())
            continue;
        if (path.interleaved)
            tracks[path.track]->add_tcp(connection, path.channel);
        else
            tracks[path.track]->add_udp(connection, connection.peer().with_port(path.rtp_port),
                                        connection.peer().with_port(path.rtcp_port));
    }
}

void RtspServer::stop_playing(Client& client) {
    if (!client.session || !std::exchange(client.session->playing, false))
        return;
    for (Fanout* track : client.session->mount->tracks())
        track->remove(*client.connection);
}

} // namespace rtspproxy::bench
