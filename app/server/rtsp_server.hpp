// RtspServer: the front end. Owns the GstRTSPServer, its mounts and its clients' rules.
#pragma once

#include "app/backend/backend.hpp"
#include "app/delivery/server_refs.hpp"
#include "app/delivery/track_fanout.hpp"
#include "app/delivery/writer.hpp"
#include "app/server/client_thread.hpp"
#include "app/server/front_door.hpp"
#include "app/settings/settings.hpp"
#include "plugins/support/main_loop.hpp"
#include "plugins/support/result.hpp"
#include "plugins/support/signal.hpp"
#include "plugins/support/strand.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rtspproxy::server {

// All methods: main context.
class RtspServer : private backend::Backend::Listener {
  public:
    RtspServer(const settings::DeliverySettings& delivery,
               const settings::ConnectionSettings& connections);
    RtspServer(const RtspServer&) = delete;
    RtspServer& operator=(const RtspServer&) = delete;
    ~RtspServer() override;

    // Binds to the first of `ports` that is free and permitted, on `address` (empty: all). The
    // error names all that were tried.
    [[nodiscard]] Result<void> listen(const std::string& address,
                                      const std::vector<std::uint16_t>& ports);
    [[nodiscard]] std::uint16_t port() const { return port_; }

    [[nodiscard]] FrontDoor& front_door() { return front_door_; }

    // Adds a mount and starts its back end. A mount of the same name is removed first.
    void add_mount(const settings::BackendSettings& settings);
    // Ends the mount: its clients get an RTCP BYE, then their connections are closed.
    void remove_mount(const std::string& mount);
    // The mount's back end is said to be there again: if it is waiting to be tried, it is tried
    // now.
    void retry_mount(const std::string& mount);
    // rtsp://host:port/mount, as clients of other machines would write it.
    [[nodiscard]] std::string url_of(const std::string& mount) const;

    // Of every mount, in the order of their names.
    [[nodiscard]] std::vector<backend::Statistics> statistics();

    // Says goodbye to clients and back ends; closed() tells when all are gone.
    void close();
    [[nodiscard]] bool closed() const;

  private:
    struct Mount {
        std::shared_ptr<backend::Backend> backend;
        Ref<GstRTSPMediaFactory> factory;
    };
    // A mount that was removed, but whose clients or back end are still there.
    struct Leaving {
        Mount mount;
        std::int64_t since = 0;             // g_get_monotonic_time()
        std::shared_ptr<bool> clients_gone; // once they were asked to
    };

    void on_tracks_replaced(backend::Backend& backend) override;
    void on_media_wanted(backend::Backend& backend) override;
    void on_stopped(backend::Backend& backend) override;
    [[nodiscard]] backend::Audience audience(backend::Backend& backend) override;

    [[nodiscard]] Mount* find(const backend::Backend& backend);
    void expire_sessions();
    void leave(Mount mount);
    void check_leaving();
    void end_media(const Mount& mount, std::function<void()> ended);

    const delivery::TrackFanout::Options fanout_;
    delivery::Writer writer_; // outlives all clients
    Ref<GstRTSPThreadPool> threads_;
    ClientThread clients_;
    Ref<GstRTSPServer> server_;
    Ref<GstRTSPMountPoints> mount_points_;
    Ref<GstRTSPSessionPool> sessions_;
    SignalConnection client_connected_;
    FrontDoor front_door_;
    const std::shared_ptr<backend::Prober> prober_ = backend::Prober::create(); // of all mounts
    std::map<std::string, Mount> mounts_;
    std::vector<Leaving> leaving_;
    Strand preparing_; // media that nobody asked for yet
    Timer session_timer_, leaving_timer_;
    std::string address_;
    std::uint16_t port_ = 0;
};

} // namespace rtspproxy::server
