#include "plugins/registration/response.hpp"

#include <limits>

namespace rtspproxy::registration {

std::string format_response(const Response& response) {
    std::string text = "RTSP/1.0 " + std::to_string(response.status) + ' ';
    text += response.reason.empty() ? reason_phrase(response.status) : response.reason;
    text += "\r\n";
    if (response.cseq)
        text += "CSeq: " + std::to_string(*response.cseq) + "\r\n";
    for (const Header& header : response.headers)
        text += header.name + ": " + header.value + "\r\n";
    return text + "\r\n";
}

Result<Response> parse_response(std::string_view bytes) {
    constexpr std::string_view kVersion = "RTSP/1.0 ";
    constexpr std::size_t kStatusLength = 3;
    Result<MessageHead> head = parse_head(bytes);
    if (!head)
        return tl::unexpected(head.error());
    const std::string_view line = head->start_line;
    if (!line.starts_with(kVersion))
        return failure("the first line does not begin with RTSP/1.0");
    const std::string_view rest = line.substr(kVersion.size());
    const auto status = parse_number(rest.substr(0, kStatusLength), 599);
    if (!status || *status < 100 || (rest.size() > kStatusLength && rest[kStatusLength] != ' '))
        return failure("the first line has no status from 100 to 599");
    Response response;
    response.status = static_cast<unsigned>(*status);
    if (rest.size() > kStatusLength)
        response.reason = trim(rest.substr(kStatusLength));
    if (const std::string* cseq = head->headers.find("CSeq"))
        if (const auto number = parse_number(*cseq, std::numeric_limits<std::uint32_t>::max()))
            response.cseq = static_cast<std::uint32_t>(*number);
    response.headers = std::move(head->headers);
    return response;
}

std::string_view reason_phrase(unsigned status) {
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 413:
        return "Request Entity Too Large";
    case 451:
        return "Parameter Not Understood";
    case 453:
        return "Not Enough Bandwidth";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    default:
        return "Status";
    }
}

} // namespace rtspproxy::registration
