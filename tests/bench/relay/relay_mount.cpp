#include "tests/bench/relay/relay_mount.hpp"

#include <cstdio>
#include <utility>

namespace rtspproxy::bench {
namespace {

constexpr std::size_t kFrameHeader = StreamReader::kFrameHeader;
// What is sent without waiting for the end of its access unit, in bytes.
constexpr std::size_t kLongest = std::size_t{1024} * 1024;

// The camera's description with control URLs of our own.
std::string with_own_controls(const std::string& description) {
    std::string text;
    int track = -1;
    for (const std::string_view part : split(description, '\n')) {
        const std::string_view line = trimmed(part);
        if (line.empty() || line.starts_with("a=control:"))
            continue;
        text += std::string(line) + "\r\n";
        if (line.starts_with("m="))
            text += "a=control:trackID=" + std::to_string(++track) + "\r\n";
    }
    return text;
}

} // namespace

RelayMount::RelayMount(RelayShared& shared, UdpSender& udp, RtspClient::Options options)
    : shared_(shared), udp_(udp), options_(std::move(options)) {
    options_.audio = true; // all tracks
    connect();
}

void RelayMount::connect() {
    camera_ = std::make_unique<RtspClient>(shared_.loop, shared_.buffer, options_,
                                           static_cast<RtspClient::Listener&>(*this));
    camera_->start();
}

void RelayMount::on_ended(const std::string& reason) {
    std::fprintf(stderr, "bench-relay: %s: %s\n", options_.url.text().c_str(), reason.c_str());
    stop_reading();
    shared_.loop.at(monotonic_now() + kSecond, [this] { connect(); });
}

void RelayMount::stop_reading() {
    for (const int fd : std::exchange(datagram_sockets_, {}))
        shared_.loop.forget(fd);
}

void RelayMount::on_set_up() {
    const auto& tracks = camera_->tracks();
    units_.assign(tracks.size(), {});
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (fanouts_.size() <= i)
            fanouts_.push_back(std::make_unique<Fanout>(udp_));
        if (!tracks[i].udp)
            continue;
        const int fd = tracks[i].udp->rtp.get();
        shared_.loop.watch(fd, EPOLLIN, [this, i](std::uint32_t) { read_media(i); });
        datagram_sockets_.push_back(fd);
    }
}

void RelayMount::on_playing() {
    description_ = with_own_controls(camera_->description());
}

std::vector<Fanout*> RelayMount::tracks() {
    std::vector<Fanout*> list;
    for (const auto& fanout : fanouts_)
        list.push_back(fanout.get());
    return list;
}

void RelayMount::on_packet(std::uint8_t channel, std::span<std::uint8_t> packet, Nanoseconds) {
    std::uint8_t* start = packet.data() - kFrameHeader;
    const std::size_t size = packet.size() + kFrameHeader;
    if (!run_.empty() && channel == run_channel_ && run_.data() + run_.size() == start) {
        run_ = {run_.data(), run_.size() + size};
        return;
    }
    flush();
    run_ = {start, size};
    run_channel_ = channel;
}

void RelayMount::flush() {
    const auto run = std::exchange(run_, {});
    const std::size_t track = run_channel_ / 2;
    if (run.empty() || track >= fanouts_.size())
        return;
    if (run_channel_ % 2 == 0)
        fanouts_[track]->send_framed(run, run_channel_);
    else
        fanouts_[track]->send_control(run.subspan(kFrameHeader));
}

// Packets wait for the end of their access unit, so that it leaves with one write.
void RelayMount::read_media(std::size_t track) {
    constexpr std::uint8_t kMarker = 0x80;
    const ClientTrack& source = camera_->tracks()[track];
    const std::size_t count = shared_.datagrams.read(source.udp->rtp.get());
    const auto channel = static_cast<std::uint8_t>(2 * track);
    std::vector<std::uint8_t>& unit = units_[track];
    for (std::size_t i = 0; i < count; ++i) {
        const auto packet = shared_.datagrams.datagram(i);
        if (packet.size() < 2)
            continue;
        unit.push_back('$');
        unit.push_back(channel);
        unit.push_back(static_cast<std::uint8_t>(packet.size() >> 8U));
        unit.push_back(static_cast<std::uint8_t>(packet.size()));
        unit.insert(unit.end(), packet.begin(), packet.end());
        if ((packet[1] & kMarker) != 0 || source.media.kind != "video" || unit.size() > kLongest) {
            fanouts_[track]->send_framed(unit, channel);
            unit.clear();
        }
    }
}

} // namespace rtspproxy::bench
