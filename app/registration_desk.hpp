// RegistrationDesk: joins the front door, where devices register, with the rules for them and with
// the server, whose mounts they become.
#pragma once

#include "app/registration/registrations.hpp"
#include "app/server/rtsp_server.hpp"
#include "app/settings/settings.hpp"

#include <functional>
#include <memory>
#include <string>

namespace rtspproxy {

class RegistrationDesk : private server::FrontDoor::RegistrationListener,
                         private registration_app::Registrations::Listener {
  public:
    // A back end's mount is there (or there again), main context.
    using Announce = std::function<void(const settings::BackendSettings&)>;

    // Main context, before the server listens; `server` outlives this and stops listening before it
    // goes. Sets the front door's limits, also if registration is off.
    RegistrationDesk(server::RtspServer& server, const settings::Settings& settings,
                     Announce announce);
    RegistrationDesk(const RegistrationDesk&) = delete;
    RegistrationDesk& operator=(const RegistrationDesk&) = delete;
    ~RegistrationDesk() override;

  private:
    // The element's thread.
    unsigned on_register(const std::string& url, const std::string& suffix, bool interleaved,
                         bool reuse, const std::string& address) override;
    unsigned on_deregister(const std::string& url, const std::string& suffix,
                           const std::string& address) override;
    void on_reuse(Ref<GSocket> socket, const std::string& url, const std::string& suffix,
                  const std::string& address) override;

    // Main context.
    void add_mount(const settings::BackendSettings& settings) override;
    void remove_mount(const std::string& mount) override;
    void retry_mount(const std::string& mount) override;

    server::RtspServer& server_;
    const Announce announce_;
    std::shared_ptr<registration_app::Registrations> registrations_;
};

} // namespace rtspproxy
