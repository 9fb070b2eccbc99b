// A server of spec/PROTOCOL.md in both modes, in C++17 with OpenSSL, and below it the adapter of spec/ADAPTER.md:
//
//     g++ -std=c++17 -O1 -o server properties/examples/server.cpp -lcrypto
//     npm run prop -- --party-cmd ./server --runs 256
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iostream>
#include <map>
#include <memory>
#include <vector>

// --- bytes, cryptography, exact sums, text ----------------------------------------------------------------------------
using Bytes = std::string;
using Doubles = std::vector<double>;
const Bytes ZERO(1, '\0');

Bytes number(uint64_t x, int n) { return n == 0 ? Bytes() : number(x >> 8, n - 1) + char(x); }
uint64_t number(const Bytes& b, size_t at, int n) {
  return n == 0 ? 0 : number(b, at, n - 1) << 8 | uint8_t(b[at + n - 1]);
}
Bytes number(double v) { uint64_t x; memcpy(&x, &v, 8); return number(x, 8); }
const uint8_t* raw(const Bytes& b) { return reinterpret_cast<const uint8_t*>(b.data()); }
uint8_t* raw(Bytes& b) { return reinterpret_cast<uint8_t*>(&b[0]); }

Bytes sha256(const Bytes& data) {
  Bytes out(32, '\0');
  EVP_Digest(data.data(), data.size(), raw(out), nullptr, EVP_sha256(), nullptr);
  return out;
}
Bytes hmac(const Bytes& key, const Bytes& data) {
  Bytes out(32, '\0');
  HMAC(EVP_sha256(), key.data(), key.size(), raw(data), data.size(), raw(out), nullptr);
  return out;
}
Bytes kdf(const Bytes& key, const Bytes& name, const Bytes& x, int i) { // one block of HKDF with an empty salt
  return hmac(hmac(Bytes(32, '\0'), key), name + ZERO + x + '\1').substr(0, i % 2 ? 32 : 16);
}
Bytes aes(const Bytes& key, const Bytes& iv, const Bytes& in, bool encrypt) {
  Bytes out(in.size(), '\0');
  int n = 0;
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> c(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  EVP_CipherInit_ex(c.get(), EVP_aes_128_cbc(), nullptr, raw(key), raw(iv), encrypt);
  EVP_CIPHER_CTX_set_padding(c.get(), 0);
  EVP_CipherUpdate(c.get(), raw(out), &n, raw(in), in.size());
  return out;
}
double total(const Doubles& values) { // exact, rounded once: Shewchuk's partial sums
  Doubles p;
  for (double x : values) {
    size_t n = 0;
    for (double y : p) {
      double high = x + y, low = std::fabs(x) < std::fabs(y) ? x - (high - y) : y - (high - x);
      if (low != 0) p[n++] = low;
      x = high;
    }
    p.resize(n), p.push_back(x);
  }
  size_t n = p.size() - 1;
  double high = p[n], low = 0;
  while (n > 0 && low == 0) { double x = high, y = p[--n]; high = x + y, low = y - (high - x); }
  double twice = low * 2, away = high + twice; // halfway, and more below: not to the even one
  return (n > 0 && low != 0 && (low < 0) == (p[n - 1] < 0) && away - high == twice ? away : high) + 0.0;
}
bool utf8(const Bytes& t) {
  for (size_t i = 0; i < t.size();) {
    uint8_t c = t[i++], least = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    uint8_t most = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    int more = c < 0x80 ? 0 : c < 0xc2 ? -1 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : -1;
    if (more < 0 || i + more > t.size()) return false;
    for (; more-- > 0; least = 0x80, most = 0xbf) if (uint8_t d = t[i++]; d < least || d > most) return false;
  }
  return true;
}
Bytes hex(const Bytes& b) {
  Bytes out;
  for (uint8_t c : b) (out += "0123456789abcdef"[c >> 4]) += "0123456789abcdef"[c & 15];
  return out;
}
Bytes unhex(const Bytes& t) {
  Bytes out;
  for (size_t i = 0; i + 1 < t.size(); i += 2) out += char(std::stoi(t.substr(i, 2), nullptr, 16));
  return out;
}

// --- the server ------------------------------------------------------------------------------------------------------
using C = std::shared_ptr<struct Connection>;
enum Opcode { HELLO = 10, CHALLENGE = 20, DATA = 30, RESPONSE = 40, DESYNC = 50, TERMINATE = 60 };
// What it needs of the world: a network, random bytes, and somebody who listens. The adapter below has them.
bool send(const Bytes& at, const Bytes& frame);
Bytes draw(const Bytes& at, int n);
void report(const Bytes& on, const Bytes& at, const Bytes* frame, const Bytes& why);
void committed(const Connection&);

Doubles values(const Bytes& plain) {
  Doubles all((plain.size() - 2) / 8);
  for (size_t i = 0; i < all.size(); i++) { uint64_t x = number(plain, 2 + 8 * i, 8); memcpy(&all[i], &x, 8); }
  return all;
}
bool valid(int opcode, const Bytes& plain) {
  if (opcode == HELLO) return plain.size() <= 255 && utf8(plain);
  if (opcode != DATA) return plain == ZERO;
  if (plain.size() < 10 || plain.size() > 4090 || plain.size() != 2 + 8 * number(plain, 0, 2)) return false;
  Doubles all = values(plain);
  return std::all_of(all.begin(), all.end(), [](double v) { return std::fabs(v) <= 1e300; });
}

struct Connection { // no session: `order` is 0. Keys: C2S-ENC, C2S-MAC, S2C-ENC, S2C-MAC
  Bytes at, held{}, keys[4]{};
  uint64_t since = 0, order = 0;
  uint32_t round = 0;
  int id = 0;
  bool confirmed = false, ended = false;
  std::map<uint32_t, Doubles> submitted{};

  void step(const Bytes& name, const std::vector<Bytes>& x, int from = 0) {
    for (int i = from; i < 4; i++) keys[i] = kdf(keys[i], name, x[x.size() == 4 ? i : 0], i);
  }
  void answered(const Bytes& f, const Bytes& data) {
    step("evolve", {f.substr(23, f.size() - 55), f.substr(7, 16), data, ZERO});
    round++;
  }
  Bytes seal(int opcode, const Bytes& plain) const {
    Bytes iv = draw(at, 16), pad(16 - plain.size() % 16, char(16 - plain.size() % 16));
    Bytes body = number(opcode, 1) + number(id, 1) + number(round, 4) + '\2' + iv + aes(keys[2], iv, plain + pad, true);
    return body + hmac(keys[3], body);
  }
  const char* examine(const Bytes& f, bool known, Bytes& plain) const { // PROTOCOL 6 in its order; null: it passes
    if (f.size() < 71 || f.size() % 16 != 7) return "malformed";
    int opcode = uint8_t(f[0]), body = f.size() - 32;
    if (opcode % 10 || opcode < HELLO || opcode > TERMINATE) return "unknown-opcode";
    if (!known || uint8_t(f[1]) != id) return "wrong-client";
    if (f[6] != 1) return "wrong-direction";
    if (uint64_t r = number(f, 2, 4); r != round) return r < round ? "stale-round" : "future-round";
    if (order ? opcode != DATA && opcode != TERMINATE : opcode != HELLO) return "out-of-phase";
    if (CRYPTO_memcmp(hmac(keys[1], f.substr(0, body)).data(), &f[body], 32) != 0) return "bad-tag";
    plain = aes(keys[0], f.substr(7, 16), f.substr(23, body - 23), false);
    size_t pad = uint8_t(plain.back());
    if (pad < 1 || pad > 16 || plain.substr(plain.size() - pad) != Bytes(pad, char(pad))) return "bad-padding";
    plain.resize(plain.size() - pad);
    return valid(opcode, plain) ? nullptr : "bad-payload";
  }
};

struct Server {
  bool bound, fresh;
  Bytes challenge;
  uint32_t startRound;
  std::map<int, Bytes> masters{};
  std::map<Bytes, uint64_t> limits{};
  uint64_t hellos = 0;
  std::vector<C> open{};

  void end(C c, const Bytes& by) {
    if (c->ended) return;
    open.erase(std::find(open.begin(), open.end(), c));
    c->ended = true, c->confirmed = false, c->submitted.clear(), c->held.clear();
    for (Bytes& k : c->keys) OPENSSL_cleanse(&k[0], k.size());
    if (c->order) committed(*c);
    report("ended", c->at, nullptr, by);
  }
  bool say(C c, int opcode) { return !c->order || send(c->at, c->seal(opcode, ZERO)); }
  void dismiss(C c, const Bytes& by) { say(c, TERMINATE), end(c, by); }
  void accept(C c, uint64_t now) {
    c->since = now, open.push_back(c);
    auto oldest = std::find_if(open.begin(), open.end(), [](C o) { return !o->confirmed; });
    if (open.size() > limits["connections"] && oldest != open.end()) dismiss(*oldest, "evicted");
  }
  void receive(C c, const Bytes& chunk, uint64_t now) {
    for (c->held += chunk; !c->ended && c->held.size() >= 4;) {
      size_t length = number(c->held, 0, 4);
      bool illegal = length < 71 || length > 4167;
      if (!illegal && c->held.size() < 4 + length) return;
      Bytes frame = illegal ? Bytes() : c->held.substr(4, length);
      c->held.erase(0, illegal ? Bytes::npos : 4 + length);
      if (const char* why = illegal ? "malformed" : take(c, frame, now)) reject(c, illegal ? nullptr : &frame, why);
    }
  }
  void reject(C c, const Bytes* f, const Bytes& why) {
    report("rejected", c->at, f, why);
    if (f == nullptr || ((*f)[0] != DESYNC && (*f)[0] != TERMINATE)) say(c, why == "superseded" ? TERMINATE : DESYNC);
    end(c, "rejection");
  }
  const char* take(C c, const Bytes& f, uint64_t now) {
    Bytes plain;
    if (!c->order) return hello(c, f, now);
    if (const char* why = c->examine(f, true, plain)) return why;
    if (f[0] == DATA) return data(c, f, plain, now);
    return report("accepted", c->at, &f, ""), end(c, "peer"), nullptr;
  }
  const char* hello(C c, const Bytes& f, uint64_t now) {
    Connection s = *c;
    s.id = uint8_t(f[1]);
    bool known = masters.count(s.id) > 0;
    for (int i = 0; i < 4 && known; i++)
      s.keys[i] = kdf(masters[s.id], "init", Bytes(i < 2 ? "C2S-" : "S2C-") + (i % 2 ? "MAC" : "ENC"), i);
    Bytes plain, text = challenge;
    if (const char* why = s.examine(f, known, plain)) return why;
    if (bound) s.step("hello", {sha256(f)}, 2);
    if (fresh) text = "Challenge from server " + hex(draw(c->at, 16));
    Bytes answer = s.seal(CHALLENGE, text);
    if (!send(c->at, answer)) return end(c, "fault"), nullptr;
    s.answered(f, text);
    if (bound) s.step("bind", {sha256(f + answer)});
    s.round = startRound, s.since = now, s.order = ++hellos, *c = s;
    committed(*c);
    std::vector<C> waiting; // the oldest give way
    for (C o : open) if (o->order && o->id == c->id && !o->confirmed) waiting.push_back(o);
    std::sort(waiting.begin(), waiting.end(), [](C a, C b) { return a->order < b->order; });
    waiting.resize(waiting.size() - std::min<size_t>(waiting.size(), limits["unconfirmedPerId"]));
    for (C o : waiting) say(o, TERMINATE);
    report("accepted", c->at, &f, "");
    for (C o : waiting) end(o, "evicted");
    return nullptr;
  }
  const char* data(C c, const Bytes& f, const Bytes& plain, uint64_t now) {
    C rival;
    for (C o : open) if (o != c && o->confirmed && o->id == c->id) rival = o;
    if (rival && rival->order > c->order) return "superseded";
    if (c->round == 0xffffffff) return dismiss(c, "finish"), nullptr;
    Doubles mine = values(plain), all = mine;
    for (C o : open)
      if (o != c && o != rival && o->confirmed && o->submitted.count(c->round))
        for (double v : o->submitted[c->round]) all.push_back(v);
    double sum = total(all);
    Bytes body = number(sum) + number(all.size(), 4) + number(sum / all.size() + 0.0);
    Bytes answer = c->seal(RESPONSE, ZERO + body);
    if (!send(c->at, answer)) return end(c, "fault"), nullptr;
    c->submitted[c->round] = mine, c->confirmed = true, c->since = now;
    while (c->submitted.size() > limits["retainedRounds"]) c->submitted.erase(c->submitted.begin());
    c->answered(f, body);
    committed(*c);
    if (rival) say(rival, TERMINATE);
    report("accepted", c->at, &f, "");
    if (rival) end(rival, "supersede");
    return nullptr;
  }
  void tick(uint64_t now) {
    for (C c : std::vector<C>(open))
      if (now - c->since >= limits[!c->order ? "helloMs" : c->confirmed ? "idleMs" : "unconfirmedMs"]) dismiss(c, "timer");
  }
};

// --- the adapter -----------------------------------------------------------------------------------------------------
Bytes field(const Bytes& json, const Bytes& name) { // as the harness writes it, without blanks; "": there is none
  size_t from = json.find('"' + name + "\":");
  if (from == Bytes::npos) return "";
  from += name.size() + 3;
  if (json[from] == '"' || json[from] == '{') return json.substr(from + 1, json.find(json[from] == '"' ? '"' : '}', from + 1) - from - 1);
  return json.substr(from, json.find_first_of(",}", from) - from);
}
template <class... T> void say(const T&... parts) { (std::cout << ... << parts) << std::endl; }
Bytes heard() { Bytes line; return std::getline(std::cin, line) ? line : (exit(0), line); }
bool send(const Bytes& at, const Bytes& f) { say(R"({"send":{"at":")", at, R"(","hex":")", hex(f), "\"}}"); return field(heard(), "ok") == "true"; }
Bytes draw(const Bytes& at, int n) { say(R"({"rng":{"at":")", at, R"(","bytes":)", n, "}}"); return unhex(field(heard(), "hex")); }
void report(const Bytes& on, const Bytes& at, const Bytes* f, const Bytes& why) {
  Bytes told = on == "ended" ? ",\"by\":\"" + why + '"' : ",\"hex\":" + (f ? '"' + hex(*f) + '"' : "null");
  say(R"({"report":{"on":")", on, R"(","at":")", at, '"', told, on == "rejected" ? ",\"reason\":\"" + why + '"' : "", "}}");
}
void committed(const Connection& c) {
  Bytes keys = '"' + hex(c.keys[0]) + R"(",")" + hex(c.keys[1]) + R"(",")" + hex(c.keys[2]) + R"(",")" + hex(c.keys[3]) + '"';
  say(R"({"report":{"on":"committed","at":")", c.at, R"(","view":{"id":)", c.id, R"(,"phase":")", c.ended ? "TERMINATED" : "ACTIVE", R"(","round":)", c.round,
      R"(,"confirmed":)", c.confirmed ? "true" : "false", R"(,"outstanding":false,"keys":)", c.ended ? "null" : '[' + keys + ']', "}}}");
}
int main() {
  Server server{};
  std::map<Bytes, C> ends;
  for (Bytes line = heard(), setup;; line = heard()) {
    Bytes op = field(line, "op"), at = field(line, "at"), when = field(line, "now"), closing = R"({"ok":true)";
    uint64_t now = when.empty() ? 0 : std::stoull(when);
    C c = ends.count(at) ? ends[at] : nullptr;
    if (op == "init") setup = line;
    if ((op == "init" && field(line, "role") == "server") || op == "restart") {
      Bytes text = field(setup, "challenge"), keys = field(setup, "keys");
      Bytes fixed = text == "constant" ? "a constant text!" : unhex(field(setup, "hex"));
      server = Server{field(setup, "mode") == "bound", text == "fresh", fixed, uint32_t(std::stoul(field(setup, "startRound")))};
      for (int id = 1; id < 256; id++) if (Bytes k = field(keys, std::to_string(id)); !k.empty()) server.masters[id] = unhex(k);
      for (auto l : {"unconfirmedPerId", "connections", "retainedRounds", "helloMs", "unconfirmedMs", "idleMs"}) server.limits[l] = std::stoull(field(setup, l));
      ends.clear(), c = nullptr;
      if (op == "init") closing += R"(,"emits":["accepted","rejected","ended","committed","memory"],"can":["tick","restart","rng","startRound"])";
    } else if (op == "open" && !server.masters.empty()) server.accept(c = ends[at] = std::make_shared<Connection>(Connection{at}), now);
    else if (op == "tick") server.tick(now);
    else if (op == "receive") { if (c && !c->ended) server.receive(c, unhex(field(line, "hex")), now); }
    else if (op == "close") { if (c) server.end(c, "close"); }
    else closing = R"({"unsupported":true)";
    Bytes memory = !c ? "" : R"(,"memory":{"buffered":)" + std::to_string(c->held.size()) + R"(,"retained":)" + std::to_string(c->submitted.size()) + R"(,"connections":)" + std::to_string(server.open.size()) + '}';
    say(closing, memory, '}');
  }
}
