// What rtspregister does, without the GObject machinery around it.
#pragma once

#include "plugins/auth/account.hpp"
#include "plugins/registration/front_door.hpp"
#include "plugins/support/deleter.hpp"

#include <gst/gst.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>

namespace rtspproxy::registration {

class Registrar : private FrontDoor::Listener {
  public:
    // Numbers that g_signal_newv() returned.
    struct Signals {
        guint connection = 0;
        guint registered = 0;
        guint deregistered = 0;
        guint reuse = 0;
    };

    // `element` owns the registrar.
    Registrar(GstElement* element, const Signals& signals) : element_(element), signals_(signals) {}

    // State changes, from any thread but the front door's. start() posts an error if it fails.
    [[nodiscard]] bool start();
    void stop();

    // Properties, any thread.
    [[nodiscard]] Guarded<ListenOptions>& listen_options() { return listen_options_; }
    [[nodiscard]] Guarded<FrontDoorOptions>& options() { return door_.options(); }
    [[nodiscard]] Guarded<JudgeOptions>& judge_options() { return door_.judge_options(); }
    [[nodiscard]] std::uint16_t bound_port() const { return bound_port_; }
    [[nodiscard]] StructurePtr statistics() const;

    // Who may register. Any thread.
    void set_user(const char* user);
    [[nodiscard]] std::string user();
    void set_password(const char* password);
    void add_user(const char* user, const char* password);
    void clear_users();

  private:
    struct Accounts {
        auth::Account property; // of the properties user and password; none if the user is empty
        std::map<std::string, std::string, std::less<>> added;
    };
    void change_accounts(const std::function<void(Accounts&)>& change);

    // Front door's thread.
    bool connection_arrived(GSocket* socket, const Peer& peer) override;
    unsigned stream_registered(const Request& request, GSocket* socket, const Peer& peer) override;
    unsigned stream_deregistered(const Request& request, const Peer& peer) override;
    void connection_reusable(GSocket* socket, const Request& request, const Peer& peer) override;
    void request_refused(const Request& request, const Peer& peer, unsigned status) override;
    void connection_dropped(const Peer& peer, Counter reason) override;
    void post(const char* name, const Request& request, const Peer& peer, unsigned status);

    GstElement* element_;
    Signals signals_;
    Guarded<ListenOptions> listen_options_;
    Guarded<Accounts> accounts_;
    std::atomic<std::uint16_t> bound_port_{0};
    FrontDoor door_{*this};
};

} // namespace rtspproxy::registration
