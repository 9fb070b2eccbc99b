# A server of spec/PROTOCOL.md in both modes, as somebody with Python and `cryptography` writes it from that page, and
# below it the adapter of spec/ADAPTER.md:
#
#     npm run prop -- --party-cmd 'python3 properties/examples/server.py' --runs 256
import hashlib, hmac, json, math, struct, sys
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# --- cryptography
def kdf(key, info, length):  # one block of HKDF with an empty salt
    return hmac.digest(hmac.digest(bytes(32), key, 'sha256'), info + b'\1', 'sha256')[:length]


def aes(key, iv, data, encrypt):
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
    box = cipher.encryptor() if encrypt else cipher.decryptor()
    return box.update(data) + box.finalize()


# --- the server
HELLO, CHALLENGE, DATA, RESPONSE, DESYNC, TERMINATE, TO_SERVER, TO_CLIENT = 10, 20, 30, 40, 50, 60, 1, 2
LABELS = b'C2S-ENC', b'C2S-MAC', b'S2C-ENC', b'S2C-MAC'


class Rejected(Exception):
    pass  # its text is the reason of PROTOCOL 6


def step(keys, word, inputs):
    return [kdf(k, word + b'\0' + x, len(k)) for k, x in zip(keys, inputs)]


def seal(keys, opcode, id, round, iv, plain):
    pad = 16 - len(plain) % 16
    body = struct.pack('>BBIB', opcode, id, round, TO_CLIENT) + iv + aes(keys[2], iv, plain + bytes([pad]) * pad, True)
    return body + hmac.digest(keys[3], body, 'sha256')


def plain_of(keys, frame):
    if not hmac.compare_digest(hmac.digest(keys[1], frame[:-32], 'sha256'), frame[-32:]):
        raise Rejected('bad-tag')
    padded = aes(keys[0], frame[7:23], frame[23:-32], False)
    pad = padded[-1]
    if not 1 <= pad <= 16 or padded[-pad:] != bytes([pad]) * pad:
        raise Rejected('bad-padding')
    return padded[:-pad]


def values_of(plain):
    count = len(plain) // 8
    if 1 <= count <= 511 and len(plain) == 2 + 8 * count and plain[:2] == struct.pack('>H', count):
        values = struct.unpack('>%dd' % count, plain[2:])
        if all(abs(v) <= 1e300 for v in values):
            return values
    raise Rejected('bad-payload')


class Connection:
    def __init__(self, server, at, now):
        self.server, self.at, self.since, self.held = server, at, now, b''
        self.phase, self.confirmed, self.id, self.round, self.order = 'INIT', False, None, 0, 0
        self.keys, self.values = None, {}

    def receive(self, data, now):
        self.held += data
        while self.phase != 'TERMINATED' and len(self.held) >= 4:
            length = struct.unpack('>I', self.held[:4])[0]
            if not 71 <= length <= 4167:
                self.reject(None, 'malformed')
            elif len(self.held) < 4 + length:
                return
            else:
                frame, self.held = self.held[4:4 + length], self.held[4 + length:]
                try:
                    self.frame(frame, now)
                except Rejected as why:
                    self.reject(frame, str(why))

    def frame(self, frame, now):
        if len(frame) % 16 != 7:
            raise Rejected('malformed')
        opcode, id, round, direction = struct.unpack('>BBIB', frame[:7])
        new = self.phase == 'INIT'
        if opcode not in (10, 20, 30, 40, 50, 60):
            raise Rejected('unknown-opcode')
        if id not in self.server.keys if new else id != self.id:
            raise Rejected('wrong-client')
        if direction != TO_SERVER:
            raise Rejected('wrong-direction')
        if round != self.round:
            raise Rejected('stale-round' if round < self.round else 'future-round')
        if opcode not in ([HELLO] if new else [DATA, TERMINATE]):
            raise Rejected('out-of-phase')
        if new:
            self.hello(frame, id, now)
        elif opcode == DATA:
            self.data(frame, now)
        elif plain_of(self.keys, frame) != b'\0':
            raise Rejected('bad-payload')
        else:
            self.server.io.report(on='accepted', at=self.at, hex=frame.hex())
            self.end('peer')

    def hello(self, frame, id, now):
        server, master = self.server, self.server.keys[id]
        keys = [kdf(master, b'init\0' + label, 32 if i % 2 else 16) for i, label in enumerate(LABELS)]
        plain = plain_of(keys, frame)
        if len(plain) > 255 or plain.decode(errors='replace').encode() != plain:
            raise Rejected('bad-payload')
        if server.bound:
            keys = keys[:2] + step(keys[2:], b'hello', [hashlib.sha256(frame).digest()] * 2)
        challenge = server.text(self.at)
        sent = seal(keys, CHALLENGE, id, 0, server.io.rng(self.at), challenge)
        if not server.io.send(self.at, sent):
            return self.end('fault')
        keys = step(keys, b'evolve', [frame[23:-32], frame[7:23], challenge, b'\0'])
        if server.bound:
            keys = step(keys, b'bind', [hashlib.sha256(frame + sent).digest()] * 4)
        server.hellos += 1
        self.phase, self.id, self.keys, self.round = 'ACTIVE', id, keys, server.start
        self.since, self.order = now, server.hellos
        server.io.show(self)
        waiting = [c for c in server.of(id) if not c.confirmed]
        if len(waiting) > server.limits['unconfirmedPerId']:
            waiting[0].dismiss('evicted')
        server.io.report(on='accepted', at=self.at, hex=frame.hex())

    def data(self, frame, now):
        values = values_of(plain_of(self.keys, frame))
        rival = next((c for c in self.server.of(self.id) if c.confirmed and c is not self), None)
        if rival and rival.order > self.order:
            raise Rejected('superseded')
        if self.round == 0xFFFFFFFF:
            return self.dismiss('finish')
        others = [c.values.get(self.round, ()) for c in self.server.open if c.confirmed and c not in (self, rival)]
        counted = [v for each in [values, *others] for v in each]
        total = math.fsum(counted) + 0.0
        data = struct.pack('>dId', total, len(counted), total / len(counted) + 0.0)
        sent = seal(self.keys, RESPONSE, self.id, self.round, self.server.io.rng(self.at), b'\0' + data)
        if not self.server.io.send(self.at, sent):
            return self.end('fault')
        self.values[self.round] = values
        self.values.pop(self.round - self.server.limits['retainedRounds'], None)
        self.keys = step(self.keys, b'evolve', [frame[23:-32], frame[7:23], data, b'\0'])
        self.round, self.confirmed, self.since = self.round + 1, True, now
        self.server.io.show(self)
        if rival:
            rival.dismiss('supersede')
        self.server.io.report(on='accepted', at=self.at, hex=frame.hex())

    def reject(self, frame, why):
        self.server.io.report(on='rejected', at=self.at, hex=frame and frame.hex(), reason=why)
        silent = frame and frame[0] in (DESYNC, TERMINATE)
        self.dismiss('rejection', None if silent else TERMINATE if why == 'superseded' else DESYNC)

    def dismiss(self, by, opcode=TERMINATE):
        if self.phase == 'ACTIVE' and opcode:
            iv = self.server.io.rng(self.at)
            self.server.io.send(self.at, seal(self.keys, opcode, self.id, self.round, iv, b'\0'))
        self.end(by)

    def end(self, by):
        if self.phase != 'TERMINATED':
            had, self.phase, self.keys, self.held = self.phase, 'TERMINATED', None, b''
            self.server.open.remove(self)
            if had == 'ACTIVE':
                self.server.io.show(self)
            self.server.io.report(on='ended', at=self.at, by=by)

    def tick(self, now):
        name = 'helloMs' if self.phase == 'INIT' else 'idleMs' if self.confirmed else 'unconfirmedMs'
        if now - self.since >= self.server.limits[name]:
            self.dismiss('timer')


class Server:
    def __init__(self, io, keys, mode, limits, challenge, start):
        self.io, self.keys, self.bound, self.limits = io, keys, mode == 'bound', limits
        self.challenge, self.start, self.hellos, self.open = challenge, start, 0, []

    def accept(self, at, now):
        c = Connection(self, at, now)
        self.open.append(c)
        oldest = next((o for o in self.open if not o.confirmed), None)
        if len(self.open) > self.limits['connections'] and oldest:
            oldest.dismiss('evicted')
        return c

    def of(self, id):
        return sorted((c for c in self.open if c.id == id), key=lambda c: c.order)

    def text(self, at):
        if self.challenge == 'fresh':
            return b'Challenge from server ' + self.io.rng(at).hex().encode()
        return b'a constant text!' if self.challenge == 'constant' else bytes.fromhex(self.challenge['hex'])


# --- the adapter
class Adapter:
    ends = {}

    def say(self, line):
        sys.stdout.write(json.dumps(line) + '\n')

    def ask(self, line):
        self.say(line)
        sys.stdout.flush()
        return json.loads(sys.stdin.readline())

    def send(self, at, frame):
        return self.ask({'send': {'at': at, 'hex': frame.hex()}})['ok']

    def rng(self, at):
        return bytes.fromhex(self.ask({'rng': {'at': at, 'bytes': 16}})['hex'])

    def report(self, **what):
        self.say({'report': what})

    def show(self, c):
        view = {'id': c.id, 'phase': c.phase, 'round': c.round, 'confirmed': c.confirmed, 'outstanding': False}
        self.report(on='committed', at=c.at, view={**view, 'keys': c.keys and [k.hex() for k in c.keys]})

    def begin(self, i):
        keys = {int(id): bytes.fromhex(key) for id, key in i['keys'].items()}
        self.server, self.ends = Server(self, keys, i['mode'], i['limits'], i['challenge'], i['startRound']), {}

    def call(self, c):
        op, e = c['op'], self.ends.get(c.get('at'))
        if op == 'init' and (c['protocol'], c['role']) == (1, 'server'):
            self.setup = c
            self.begin(c)
            return {'ok': True, 'emits': ['accepted', 'rejected', 'ended', 'committed'],
                    'can': ['tick', 'restart', 'rng', 'startRound']}
        if op == 'open':
            self.ends[c['at']] = self.server.accept(c['at'], c['now'])
        elif op == 'restart':
            self.begin(self.setup)
        elif op == 'tick':
            for e in list(self.server.open):
                e.tick(c['now'])
        elif op == 'receive' and e:
            e.receive(bytes.fromhex(c['hex']), c['now'])
        elif op == 'close' and e:
            e.end('close')
        elif op not in ('receive', 'close'):
            return {'unsupported': True}
        return {'ok': True}


adapter = Adapter()
for line in sys.stdin:
    adapter.say(adapter.call(json.loads(line)))
    sys.stdout.flush()
