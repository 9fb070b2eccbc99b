"""
Server and clients of spec/PROTOCOL.md in both modes, as somebody with Python and `cryptography` writes them, and below
them the adapter of spec/ADAPTER.md:

    npm run prop -- --party-cmd 'python3 properties/examples/stranger.py' --runs 256

DEFECT=NAME in the environment makes one mistake on purpose: tag, padding, direction, bind, sum, timer, hang, crash.
"""
import hashlib, hmac, json, math, os, struct, sys
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

DEFECT = os.environ.get('DEFECT', '')
HELLO, CHALLENGE, DATA, RESPONSE, DESYNC, TERMINATE = 10, 20, 30, 40, 50, 60
LABELS = [b'C2S-ENC', b'C2S-MAC', b'S2C-ENC', b'S2C-MAC']
LAST_ROUND = 0xFFFFFFFF


class Bad(Exception):
    """A frame was rejected; its text is the reason of PROTOCOL 6."""


def kdf(key, info, i):  # one block of HKDF-SHA256 with an empty salt
    out = hmac.digest(hmac.digest(bytes(32), key, 'sha256'), info + b'\1', 'sha256')
    return out[:16] if i % 2 == 0 else out


def step(keys, name, inputs, first=0):
    return [k if i < first else kdf(k, name + b'\0' + inputs[i], i) for i, k in enumerate(keys)]


def all_four(x):
    return [hashlib.sha256(x).digest()] * 4


def aes(key, iv):
    return Cipher(algorithms.AES(key), modes.CBC(iv))


def seal(s, way, opcode, plain, iv):
    pad = 16 - len(plain) % 16
    box = aes(s.keys[2 * way - 2], iv).encryptor()
    body = struct.pack('>BBIB', opcode, s.id, s.round, way) + iv
    body += box.update(plain + bytes([pad]) * pad) + box.finalize()
    return body + hmac.digest(s.keys[2 * way - 1], body, 'sha256')


def examine(s, way, frame, legal):
    """Every check of PROTOCOL 6, in its order. `s` None: the server does not know the id."""
    if frame is None or not 71 <= len(frame) <= 4167 or len(frame) % 16 != 7:
        raise Bad('malformed')
    opcode, id, round, direction = struct.unpack('>BBIB', frame[:7])
    if opcode not in (HELLO, CHALLENGE, DATA, RESPONSE, DESYNC, TERMINATE):
        raise Bad('unknown-opcode')
    if s is None or id != s.id:
        raise Bad('wrong-client')
    if direction != way and DEFECT != 'direction':
        raise Bad('wrong-direction')
    if round != s.round:
        raise Bad('stale-round' if round < s.round else 'future-round')
    if opcode not in legal:
        raise Bad('out-of-phase')
    tag = hmac.digest(s.keys[2 * way - 1], frame[:-32], 'sha256')
    length = 1 if DEFECT == 'tag' else 32
    if not hmac.compare_digest(tag[:length], frame[-32:][:length]):
        raise Bad('bad-tag')
    box = aes(s.keys[2 * way - 2], frame[7:23]).decryptor()
    padded = box.update(frame[23:-32]) + box.finalize()
    pad = padded[-1]
    checked = 1 if DEFECT == 'padding' else pad
    if not 1 <= pad <= 16 or padded[-checked:] != bytes([pad]) * checked:
        raise Bad('bad-padding')
    plain = padded[:-pad]
    if not valid(opcode, plain):
        raise Bad('bad-payload')
    return opcode, plain


def submittable(values):
    return 1 <= len(values) <= 511 and all(abs(v) <= 1e300 for v in values)


def valid(opcode, plain):
    if opcode in (HELLO, CHALLENGE):
        try:
            return len(plain) <= 255 and plain.decode() is not None
        except UnicodeDecodeError:
            return False
    if opcode == DATA:
        if len(plain) < 2 or len(plain) != 2 + 8 * struct.unpack('>H', plain[:2])[0]:
            return False
        return submittable(values_of(plain))
    if opcode == RESPONSE:
        if len(plain) != 21 or plain[0] != 0:
            return False
        _, sum, count, average = struct.unpack('>BdId', plain)
        return count >= 1 and math.isfinite(sum) and math.isfinite(average)
    return plain == b'\0'


def values_of(plain):
    return struct.unpack('>%dd' % ((len(plain) - 2) // 8), plain[2:])


class Session:
    def __init__(self, mode, id, master):
        self.mode, self.id, self.round, self.request = mode, id, 0, None
        self.keys = [kdf(master, b'init\0' + label, i) for i, label in enumerate(LABELS)]

    def greeted(self, hello):
        if self.mode == 'bound':
            c2s = step(self.keys[:2], b'evolve', [hello[23:-32], hello[7:23]])
            self.keys = c2s + step(self.keys, b'hello', all_four(hello), 2)[2:]

    def answered(self, request, answer, plain):
        status, data = (plain[:1], plain[1:]) if self.round else (b'\0', plain)
        first = 2 if self.round == 0 and self.mode == 'bound' else 0  # C2S went ahead with the HELLO
        self.keys = step(self.keys, b'evolve', [request[23:-32], request[7:23], data, status], first)
        if self.round == 0 and self.mode == 'bound' and DEFECT != 'bind':
            self.keys = step(self.keys, b'bind', all_four(request + answer))
        self.round += 1


class Stream:
    """Frames out of a byte stream; None for a length that no frame has."""
    def __init__(self):
        self.held, self.dead = b'', False

    def feed(self, chunk):
        self.held += chunk
        while len(self.held) >= 4 and not self.dead:
            length = struct.unpack('>I', self.held[:4])[0]
            if not 71 <= length <= 4167:
                self.held, self.dead = b'', True
                yield None
            elif len(self.held) < 4 + length:
                return
            else:
                frame, self.held = self.held[4:4 + length], self.held[4 + length:]
                yield frame


class End:
    """What client runs and connections share. `io` is the adapter below."""
    def __init__(self, io, at, now):
        self.io, self.at, self.since, self.stream = io, at, now, Stream()
        self.s, self.phase, self.confirmed, self.ended = None, 'INIT', False, False
        self.values, self.order = {}, 0

    def sealed(self, way, opcode, plain):
        return seal(self.s, way, opcode, plain, self.io.rng(self.at, 16))

    def receive(self, chunk, now):
        for frame in self.stream.feed(chunk):
            if self.ended:
                return
            try:
                self.frame(frame, now)
            except Bad as why:
                self.io.report(on='rejected', at=self.at, hex=None if frame is None else frame.hex(), reason=str(why))
                self.rejected(frame, str(why))

    def end(self, by):
        if not self.ended:
            self.ended, self.phase, self.confirmed, self.values = True, 'TERMINATED', False, {}
            if self.s:
                self.s.keys, self.s.request = None, None
                self.io.show(self)
            self.io.report(on='ended', at=self.at, by=by)


class Client(End):
    def start(self, setup, id, text, now):
        self.limits = setup['limits']
        self.s, self.start_round = Session(setup['mode'], id, setup['keys'][id]), setup['start']
        hello = self.sealed(1, HELLO, text or b'Hello from client %d' % id)
        self.s.request = hello
        self.s.greeted(hello)
        if not self.io.send(self.at, hello):
            self.end('fault')

    def frame(self, frame, now):
        s = self.s
        if self.phase == 'INIT':
            legal = [CHALLENGE] if s.request else []
        else:
            legal = [DESYNC, TERMINATE] + ([RESPONSE] if s.request and s.round != LAST_ROUND else [])
        opcode, plain = examine(s, 2, frame, legal)
        if opcode in (CHALLENGE, RESPONSE):
            s.answered(s.request, frame, plain)
            s.request, self.since = None, now
            if opcode == CHALLENGE:
                self.phase = 'ACTIVE'
                s.round = self.start_round
            self.io.show(self)
        self.io.report(on='accepted', at=self.at, hex=frame.hex())
        if opcode in (DESYNC, TERMINATE):
            self.end('peer')

    def rejected(self, frame, why):
        self.end('rejection')

    def submit(self, values, now):
        if self.phase != 'ACTIVE' or self.s.request or not submittable(values):
            return False
        self.s.request = self.sealed(1, DATA, struct.pack('>H%dd' % len(values), len(values), *values))
        self.since = now
        if not self.io.send(self.at, self.s.request):
            self.end('fault')
        return True

    def finish(self):
        if self.phase == 'ACTIVE' and not self.s.request:
            self.io.send(self.at, self.sealed(1, TERMINATE, b'\0'))
        self.end('finish')

    def tick(self, now):
        patience = self.limits['challengeMs' if self.phase == 'INIT' else 'responseMs']
        if not self.ended and self.s.request and now - self.since >= patience and DEFECT != 'timer':
            self.end('timer')


class Connection(End):
    def start(self, server, now):
        self.server = server
        server.open.append(self)
        if len(server.open) > server.limits['connections']:
            oldest = next((c for c in server.open if not c.confirmed), None)
            if oldest:
                oldest.dismiss('evicted')

    def end(self, by):
        if self in self.server.open:
            self.server.open.remove(self)
        super().end(by)

    def dismiss(self, by):
        if self.s:
            self.io.send(self.at, self.sealed(2, TERMINATE, b'\0'))
        self.end(by)

    def rejected(self, frame, why):
        if why == 'superseded':
            return self.dismiss('rejection')
        if self.s and (frame is None or frame[0] not in (DESYNC, TERMINATE)):
            self.io.send(self.at, self.sealed(2, DESYNC, b'\0'))
        self.end('rejection')

    def frame(self, frame, now):
        if self.s is None:
            return self.hello(frame, now)
        opcode, plain = examine(self.s, 1, frame, [DATA, TERMINATE])
        if opcode == DATA:
            return self.data(frame, plain, now)
        self.io.report(on='accepted', at=self.at, hex=frame.hex())
        self.end('peer')

    def hello(self, frame, now):
        id, keys = (frame[1] if frame else 0), self.server.keys
        s = Session(self.server.mode, id, keys[id]) if id in keys else None
        examine(s, 1, frame, [HELLO])
        s.greeted(frame)
        text = self.server.text(self.at)
        challenge = seal(s, 2, CHALLENGE, text, self.io.rng(self.at, 16))
        if not self.io.send(self.at, challenge):
            return self.end('fault')
        s.answered(frame, challenge, text)
        s.round = self.server.start_round
        self.server.hellos += 1
        self.s, self.phase, self.since, self.order = s, 'ACTIVE', now, self.server.hellos
        self.io.show(self)
        waiting = [c for c in self.server.of(id) if not c.confirmed]
        leaving = waiting[:max(0, len(waiting) - self.server.limits['unconfirmedPerId'])]
        for c in leaving:
            self.io.send(c.at, c.sealed(2, TERMINATE, b'\0'))
        self.io.report(on='accepted', at=self.at, hex=frame.hex())
        for c in leaving:
            c.end('evicted')

    def data(self, frame, plain, now):
        s, server = self.s, self.server
        rival = next((c for c in server.of(s.id) if c is not self and c.confirmed), None)
        if rival and rival.order > self.order:
            raise Bad('superseded')
        if s.round == LAST_ROUND:
            return self.dismiss('finish')
        mine = values_of(plain)
        others = [c for c in server.open if c.confirmed and c is not self and c is not rival]
        counted = [v for c in others for v in c.values.get(s.round, ())] + list(mine)
        total = (sum(counted) if DEFECT == 'sum' else math.fsum(counted)) + 0.0
        answer = struct.pack('>BdId', 0, total, len(counted), total / len(counted) + 0.0)
        response = self.sealed(2, RESPONSE, answer)
        if not self.io.send(self.at, response):
            return self.end('fault')
        self.values[s.round] = mine
        for old in sorted(self.values)[:-server.limits['retainedRounds']]:
            del self.values[old]
        s.answered(frame, response, answer)
        self.confirmed, self.since = True, now
        self.io.show(self)
        if rival:
            self.io.send(rival.at, rival.sealed(2, TERMINATE, b'\0'))
        self.io.report(on='accepted', at=self.at, hex=frame.hex())
        if rival:
            rival.end('supersede')

    def tick(self, now):
        limits = self.server.limits
        wait = limits['helloMs' if self.s is None else 'idleMs' if self.confirmed else 'unconfirmedMs']
        if not self.ended and now - self.since >= wait and DEFECT != 'timer':
            self.dismiss('timer')


class Server:
    def __init__(self, io, setup):
        self.io, self.mode, self.keys, self.limits = io, setup['mode'], setup['keys'], setup['limits']
        self.challenge, self.start_round, self.open, self.hellos = setup['challenge'], setup['start'], [], 0

    def of(self, id):
        return sorted((c for c in self.open if c.s and c.s.id == id), key=lambda c: c.order)

    def text(self, at):
        if self.challenge == 'fresh':
            return b'Challenge from server ' + self.io.rng(at, 16).hex().encode()
        return b'a constant text!' if self.challenge == 'constant' else bytes.fromhex(self.challenge['hex'])


class Adapter:
    """spec/ADAPTER.md: one JSON object a line, in turn."""
    ends, draws = {}, None

    def say(self, **line):
        sys.stdout.write(json.dumps(line) + '\n')

    def ask(self, **line):
        self.say(**line)
        sys.stdout.flush()
        return json.loads(sys.stdin.readline())

    def send(self, at, frame):
        if self.draws is not None:
            self.said.append({'send': {'at': at, 'hex': frame.hex()}})
            return True
        return self.ask(send={'at': at, 'hex': frame.hex()})['ok']

    def rng(self, at, n):
        if at == self.at and self.draws and self.drew < len(self.draws):
            self.drew += 1
            return bytes.fromhex(self.draws[self.drew - 1])
        return bytes.fromhex(self.ask(rng={'at': at, 'bytes': n})['hex'])

    def report(self, **what):
        if self.draws is None:
            self.say(report=what)
        else:
            self.said.append({'report': what})

    def show(self, e):
        s, keys = e.s, e.s.keys and [k.hex() for k in e.s.keys]
        outstanding = isinstance(e, Client) and e.phase == 'ACTIVE' and s.request is not None
        self.report(on='committed', at=e.at, view={'id': s.id, 'phase': e.phase, 'round': s.round, 'keys': keys,
                                                   'confirmed': e.confirmed, 'outstanding': outstanding})

    def init(self, c):
        c.update(keys={int(id): bytes.fromhex(key) for id, key in c['keys'].items()}, start=c['startRound'])
        self.setup, self.ends, self.server = c, {}, Server(self, c)
        return {'ok': True, 'emits': ['accepted', 'rejected', 'ended', 'committed', 'memory'],
                'can': ['finish', 'tick', 'restart', 'rng', 'startRound', 'ahead', 'batch']}

    def call(self, c):
        op, now, e = c['op'], c.get('now', 0), self.ends.get(c.get('at'))
        self.at, self.draws, self.drew, self.said, done = c.get('at'), c.get('draws'), 0, [], True
        if op == 'init':
            return self.init(c)
        if op == 'open' and self.setup['role'] == 'server':
            e = self.ends[c['at']] = Connection(self, c['at'], now)
            e.start(self.server, now)
        elif op == 'open':
            e = self.ends[c['at']] = Client(self, c['at'], now)
            e.start(self.setup, c['id'], bytes.fromhex(c.get('hello', '')), now)
        elif op == 'receive' and e:
            if DEFECT == 'crash' and len(c['hex']) > 2000:
                raise MemoryError('DEFECT=crash')
            while DEFECT == 'hang' and len(c['hex']) > 2000:
                pass
            e.receive(bytes.fromhex(c['hex']), now)
        elif op == 'submit' and e:
            done = e.submit([float(v.lower().replace('infinity', 'inf')) if isinstance(v, str) else v for v in c['values']], now)
        elif op == 'finish' and e:
            if not e.ended:
                e.finish()
        elif op == 'close' and e:
            e.end('close')
        elif op == 'tick':
            for e in list(self.ends.values()):
                e.tick(now)
            e = None
        elif op == 'restart':
            self.ends, self.server = {}, Server(self, self.setup)
        elif op not in ('receive', 'submit', 'finish', 'close'):
            return {'unsupported': True}
        if isinstance(e, Client):
            self.show(e)
        memory = {} if e is None else {'memory': {'buffered': 0 if e.ended else len(e.stream.held), 'retained': len(e.values),
                                                  'connections': len(self.server.open)}}
        ahead = {} if self.draws is None else {'drew': self.drew, 'said': self.said}
        return {'ok': done, **memory, **ahead}


if __name__ == '__main__':
    worlds = {}
    for line in sys.stdin:
        calls = json.loads(line)
        for c in calls if isinstance(calls, list) else [calls]:
            adapter = worlds.setdefault(c.get('world'), Adapter())
            adapter.say(**adapter.call(c))
        sys.stdout.flush()
