#include "app/server/rtsp_server.hpp"

#include "app/log.hpp"
#include "app/server/client_rules.hpp"
#include "app/server/disconnecting.hpp"
#include "app/server/local_address.hpp"
#include "app/server/relay_client.hpp"
#include "app/server/relay_factory.hpp"
#include "app/server/relay_media.hpp"
#include "app/server/thread_pool.hpp"
#include "plugins/support/deleter.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace rtspproxy::server {
namespace {

using namespace std::chrono_literals;

constexpr auto kSessionCheck = 2s;
// Between the RTCP BYE and the end of the connections that carry it.
constexpr auto kGoodbyeTime = 100ms;
constexpr auto kLeavingCheck = 20ms;
// For the end of all clients: much more than it takes.
constexpr auto kEndPatience = 10s;
// No request of a player has a body worth mentioning.
constexpr guint kContentLimit = 64 * 1024;

delivery::OutputLimits limits_of(const settings::DeliverySettings& delivery) {
    return {delivery.max_queue_bytes,
            static_cast<std::uint64_t>(std::chrono::nanoseconds(delivery.stuck_timeout).count())};
}

IntakeOptions intake_of(const settings::ConnectionSettings& connections) {
    return {{connections.max_connections, connections.max_connections_per_address},
            connections.request_timeout};
}

} // namespace

RtspServer::RtspServer(const settings::DeliverySettings& delivery,
                       const settings::ConnectionSettings& connections)
    : fanout_{delivery.max_gop_bytes, delivery.io_uring}, writer_(limits_of(delivery)),
      threads_(make_thread_pool()), clients_(threads_.get()), server_(make_relay_server()),
      mount_points_(
          Ref<GstRTSPMountPoints>::adopt(gst_rtsp_server_get_mount_points(server_.get()))),
      sessions_(Ref<GstRTSPSessionPool>::adopt(gst_rtsp_server_get_session_pool(server_.get()))),
      front_door_(server_.get(), intake_of(connections)) {
    gst_rtsp_server_set_thread_pool(server_.get(), threads_.get());
    gst_rtsp_server_set_content_length_limit(server_.get(), kContentLimit);
    client_connected_ = SignalConnection(
        server_.get(), "client-connected",
        G_CALLBACK(+[](GstRTSPServer*, GstRTSPClient* client, gpointer writer) noexcept {
            apply_client_rules(client, *static_cast<delivery::Writer*>(writer));
        }),
        &writer_);
    expire_sessions();
}

RtspServer::~RtspServer() {
    front_door_.close();
    if (!clients_.finish([server = server_,
                          sessions = sessions_] { disconnect_all(server.get(), sessions.get()); },
                         kEndPatience)) {
        // They use what goes now.
        log::error("clients do not end; leaving at once");
        std::_Exit(EXIT_FAILURE);
    }
    for (auto& [name, mount] : mounts_)
        retire_media(mount.factory.get());
}

Result<void> RtspServer::listen(const std::string& address,
                                const std::vector<std::uint16_t>& ports) {
    address_ = address;
    std::string failures;
    for (const std::uint16_t port : ports) {
        const auto opened = front_door_.open(address, port);
        if (opened) {
            port_ = *opened;
            return {};
        }
        failures += (failures.empty() ? "" : "; ") + opened.error().message;
    }
    return failure("cannot listen (" + failures + "); choose another port with -p");
}

void RtspServer::add_mount(const settings::BackendSettings& settings) {
    remove_mount(settings.mount);
    auto backend = backend::Backend::create(settings, *this, prober_);
    auto factory = make_relay_factory(backend, fanout_);
    gst_rtsp_mount_points_add_factory(mount_points_.get(), ("/" + settings.mount).c_str(),
                                      Ref<GstRTSPMediaFactory>(factory).release());
    mounts_[settings.mount] = {backend, std::move(factory)};
    backend->start();
}

std::string RtspServer::url_of(const std::string& mount) const {
    const std::string host = address_.empty() ? local_address() : address_;
    const bool ipv6 = host.find(':') != std::string::npos;
    return "rtsp://" + (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port_) + "/" + mount;
}

std::vector<backend::Statistics> RtspServer::statistics() {
    std::vector<backend::Statistics> all;
    for (auto& [name, mount] : mounts_)
        all.push_back(mount.backend->statistics());
    return all;
}

void RtspServer::remove_mount(const std::string& name) {
    auto node = mounts_.extract(name);
    if (node.empty())
        return;
    gst_rtsp_mount_points_remove_factory(mount_points_.get(), ("/" + name).c_str());
    leave(std::move(node.mapped()));
}

void RtspServer::retry_mount(const std::string& name) {
    if (const auto found = mounts_.find(name); found != mounts_.end())
        found->second.backend->retry_now();
}

void RtspServer::close() {
    front_door_.close();
    while (!mounts_.empty())
        remove_mount(std::string(mounts_.begin()->first));
}

bool RtspServer::closed() const {
    return mounts_.empty() && leaving_.empty();
}

// The back end is stopped and the clients are told first; when that has had time to reach them,
// their connections are closed.
void RtspServer::leave(Mount mount) {
    mount.backend->remove();
    leaving_.push_back({std::move(mount), g_get_monotonic_time(), nullptr});
    check_leaving();
}

void RtspServer::check_leaving() {
    const auto now = g_get_monotonic_time();
    for (Leaving& each : leaving_) {
        if (each.clients_gone || std::chrono::microseconds(now - each.since) < kGoodbyeTime)
            continue;
        each.clients_gone = std::make_shared<bool>(false);
        end_media(each.mount, [gone = each.clients_gone] { *gone = true; });
    }
    std::erase_if(leaving_, [](const Leaving& each) {
        return each.clients_gone && *each.clients_gone && each.mount.backend->idle();
    });
    if (!leaving_.empty())
        leaving_timer_.set(kLeavingCheck, [this] { check_leaving(); });
}

// Lets the mount's media go, with all who use it. `ended` is called once that is done, in the main
// context.
void RtspServer::end_media(const Mount& mount, std::function<void()> ended) {
    auto media = current_media(mount.factory.get());
    retire_media(mount.factory.get());
    clients_.post([server = server_, sessions = sessions_, media = std::move(media),
                   backend = mount.backend, ended = std::move(ended)]() mutable {
        const unsigned count =
            media ? disconnect_users(server.get(), sessions.get(), media.get()) : 0;
        media.reset(); // here, not by whoever frees the task
        post_to_main([backend, count, ended = std::move(ended)] {
            backend->sessions_ended(count);
            ended();
        });
    });
}

void RtspServer::on_tracks_replaced(backend::Backend& backend) {
    if (const Mount* mount = find(backend))
        end_media(*mount, [] {});
}

void RtspServer::on_media_wanted(backend::Backend& backend) {
    if (const Mount* mount = find(backend))
        preparing_.post([factory = mount->factory, threads = threads_] {
            prepare_media(factory.get(), threads.get());
        });
}

// Who comes now shall see what is, not what was.
void RtspServer::on_stopped(backend::Backend& backend) {
    const Mount* mount = find(backend);
    const auto media = mount != nullptr ? current_media(mount->factory.get()) : nullptr;
    if (const auto fanout = fanout_of(media.get()))
        fanout->forget_pictures();
}

backend::Audience RtspServer::audience(backend::Backend& backend) {
    const Mount* mount = find(backend);
    const auto media = mount != nullptr ? current_media(mount->factory.get()) : nullptr;
    if (!media)
        return {};
    backend::Audience audience;
    for (guint i = 0; i < gst_rtsp_media_n_streams(media.get()); ++i) {
        GstRTSPStream* stream = gst_rtsp_media_get_stream(media.get(), i);
        GList* transports = gst_rtsp_stream_transport_filter(stream, nullptr, nullptr);
        audience.clients = std::max(audience.clients, g_list_length(transports));
        g_list_free_full(transports, g_object_unref);
    }
    const auto fanout = fanout_of(media.get());
    for (std::size_t i = 0; fanout && i < fanout->size(); ++i) {
        const auto& counters = fanout->track(i).counters();
        audience.out.packets += counters.packets.load();
        audience.out.bytes += counters.bytes.load();
        audience.out.discarded += counters.discarded.load();
        audience.out.kicked += counters.kicked.load();
        const auto& reports = fanout->reports(i)->counters();
        audience.reports.taken += reports.taken.load();
        audience.reports.foreign += reports.foreign.load();
        audience.reports.malformed += reports.malformed.load();
        audience.reports.excess += reports.excess.load();
    }
    return audience;
}

RtspServer::Mount* RtspServer::find(const backend::Backend& backend) {
    const auto found = mounts_.find(backend.settings().mount);
    return found != mounts_.end() && found->second.backend.get() == &backend ? &found->second
                                                                             : nullptr;
}

void RtspServer::expire_sessions() {
    clients_.post([sessions = sessions_] { gst_rtsp_session_pool_cleanup(sessions.get()); });
    session_timer_.set(kSessionCheck, [this] { expire_sessions(); });
}

} // namespace rtspproxy::server
