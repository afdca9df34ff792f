/**
 * Browser client of the SFU: signaling, one peer connection, slots, reconnection. No dependencies.
 *
 *     import { SfuClient } from '/sfu-client.js';
 *     const client = new SfuClient();
 *     client.addEventListener('trackadded', e => { video.srcObject = e.detail.stream; });
 *     await client.connect({ room: 'demo', name: 'Anna' });
 *     await client.publishCamera();
 *
 * The protocol it speaks is described in docs/protocol.md.
 *
 * @module sfu-client
 */

/** @typedef {'microphone'|'camera'|'screen'|'screen_audio'} Source */
/** @typedef {'new'|'connecting'|'connected'|'reconnecting'|'ended'} State */
/** @typedef {'good'|'medium'|'poor'} Quality */

/**
 * @typedef {object} RemoteTrack
 * @property {string} id
 * @property {string} participantId
 * @property {'audio'|'video'} kind
 * @property {Source} source
 * @property {boolean} muted
 */

/**
 * @typedef {object} Participant
 * @property {string} id
 * @property {string} name
 * @property {Map<string, RemoteTrack>} tracks by track id
 * @property {{main: MediaStream, screen: MediaStream}} streams camera and microphone; screen and its sound
 * @property {boolean} speaking
 * @property {Quality|null} quality of what arrives from this participant; null until known
 */

/**
 * @typedef {object} Publication
 * @property {Source} source
 * @property {MediaStreamTrack|null} track null while the camera is off
 * @property {boolean} muted
 * @property {boolean} simulcast
 * @property {string|null} codec
 * @property {RTCRtpTransceiver|null} transceiver null while there is no peer connection
 * @property {() => void} onEnded
 */

/**
 * @typedef {object} Options
 * @property {boolean} [simulcast=false] send the camera in three resolutions
 * @property {string|null} [codec=null] preferred video codec: VP8, VP9, H264 or AV1
 * @property {number} [slotPairs=4] audio+video slots to begin with
 * @property {number} [audioSlots=1] audio-only slots to begin with
 * @property {RTCConfiguration} [rtc] merged into the peer connection's configuration
 */

/** A request that the server refused, or a server that cannot be reached (code `unreachable`). */
export class SfuError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = 'SfuError';
    this.code = code;
  }
}

const JOIN_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 10_000;
const PING_MS = 10_000;
const SILENCE_MS = 20_000;
const DISCONNECTED_GRACE_MS = 2_500;
const NETWORK_CHANGE_SETTLE_MS = 500;
const RESTART_PATIENCE_MS = 12_000;
const BACKOFF_FIRST_MS = 300;
const BACKOFF_MAX_MS = 10_000;
const SPEAKING_MS = 250;
const SPEAKING_LEVEL = 0.02;
const SPEAKING_STALE_MS = 600;
const QUALITY_MS = 2_000;
const MAX_SLOTS = 128;
/** Endings after which joining again may succeed. */
const TRANSIENT_ENDS = new Set(['shutting_down', 'connection_failed', 'internal']);

const wait = ms => new Promise(resolve => { setTimeout(resolve, ms); });

/** @param {Source} source */
const isVideo = source => source === 'camera' || source === 'screen';

/** @param {Source} source */
const groupOf = source => (source === 'screen' || source === 'screen_audio' ? 'screen' : 'main');

/**
 * A participant's connection to a room.
 *
 * Events (all `CustomEvent`, data in `detail`):
 * `state` {state} ·
 * `participantjoined` {participant} · `participantleft` {participant, reason} ·
 * `trackpublished` {participant, track} · `trackunpublished` {participant, track} · `trackmuted` {participant, track} ·
 * `trackadded` {participant, track, mediaTrack, stream} · `trackremoved` the same ·
 * `localtrack` {source, track, muted} whenever something published changes; track null when unpublished or off ·
 * `speaking` {participantId, speaking} · `quality` {participantId, quality} ·
 * `chat` {participantId, name, text, epochMillis} · `notice` {code, message} · `error` {code, message, for} ·
 * `reconnecting` {attempt} · `reconnected` {} · `ended` {code, reason}
 */
export class SfuClient extends EventTarget {
  /** @type {Required<Options>} */ #options;
  /** @type {State} */ #state = 'new';
  /** @type {{url: string, room: string, name: string}|null} */ #target = null;
  /** @type {WebSocket|null} */ #socket = null;
  /** @type {RTCPeerConnection|null} */ #pc = null;
  /** @type {Map<string, Participant>} */ #participants = new Map();
  /** @type {Map<Source, Publication>} */ #publications = new Map();
  /** @type {Array<RTCRtpTransceiver>} */ #slots = [];
  /** @type {Array<RTCRtpTransceiver>} transceivers that sent once and may send again */ #idleSenders = [];
  /** @type {Array<{mid: string, trackId?: string, participantId?: string}>} */ #assignments = [];
  /** @type {Map<string, {mid: string, participant: Participant, track: RemoteTrack, receiver: RTCRtpReceiver}>} */
  #attached = new Map();
  /** @type {Promise<void>} */ #negotiation = Promise.resolve();
  #negotiationQueued = false;
  #restartIce = false;
  #offerId = 0;
  /** @type {{id: number, resolve: (sdp: string) => void, reject: (e: Error) => void}|null} */ #pendingOffer = null;
  #heardAt = 0;
  #attempt = 0;
  /** @type {(() => void)|null} */ #wakeBackoff = null;
  /** @type {Array<ReturnType<typeof setInterval>>} */ #timers = [];
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #iceTimer;
  /** @type {Map<string, {received: number, lost: number}>} */ #lossBefore = new Map();
  /** @type {Map<string, number>} audio levels by mid, for streams whose packets carry none */ #levels = new Map();
  #participantId = '';
  #connectionId = '';

  /** @param {Options} [options] */
  constructor(options = {}) {
    super();
    this.#options = {
      simulcast: options.simulcast ?? false,
      codec: options.codec ?? null,
      slotPairs: options.slotPairs ?? 4,
      audioSlots: options.audioSlots ?? 1,
      rtc: options.rtc ?? {},
    };
  }

  /** @returns {State} */
  get state() { return this.#state; }

  /** Everybody else in the room, by id. @returns {ReadonlyMap<string, Participant>} */
  get participants() { return this.#participants; }

  /** This client's own id in the room; another one after a reconnection. */
  get participantId() { return this.#participantId; }

  /** Names the peer connection in the server's statistics. */
  get connectionId() { return this.#connectionId; }

  /** The peer connection, for diagnosis. @returns {RTCPeerConnection|null} */
  get peerConnection() { return this.#pc; }

  /**
   * Joins a room. Fails with an SfuError; once joined, lost connections are made again without asking.
   *
   * @param {{url?: string, room: string, name: string}} target url defaults to `/ws` where the page came from
   */
  async connect({ url, room, name }) {
    if (this.#state !== 'new' && this.#state !== 'ended') {
      throw new SfuError('invalid_state', 'connect: already connected');
    }
    const base = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
    this.#target = { url: url ?? base, room, name };
    this.#setState('connecting');
    try {
      await this.#join();
    } catch (e) {
      if (this.#state === 'connecting') {
        this.#dropConnection();
        this.#setState('new');
      }
      throw e;
    }
    this.#attempt = 0;
    this.#startTimers();
    this.#setState('connected');
    this.#negotiate().catch(e => this.#report(e));
  }

  /** Leaves the room. Published tracks are stopped. */
  leave() {
    this.#send({ type: 'leave' });
    this.#finish('left', 'left');
  }

  /** @param {string} text */
  chat(text) {
    this.#send({ type: 'chat', text });
  }

  /**
   * Publishes a track; one at a time per source, so a second one of the same source takes the first one's place.
   *
   * @param {MediaStreamTrack} track
   * @param {{source: Source, muted?: boolean, simulcast?: boolean, codec?: string|null}} how
   */
  async publish(track, { source, muted = false, simulcast, codec }) {
    if (this.#publications.has(source)) {
      await this.replaceTrack(source, track);
      return;
    }
    /** @type {Publication} */
    const publication = {
      source,
      track,
      muted,
      simulcast: source === 'camera' && (simulcast ?? this.#options.simulcast),
      codec: isVideo(source) ? codec ?? this.#options.codec : null,
      transceiver: null,
      onEnded: () => { this.unpublish(source).catch(e => this.#report(e)); },
    };
    track.enabled = !muted;
    track.addEventListener('ended', publication.onEnded);
    this.#publications.set(source, publication);
    this.#emit('localtrack', { source, track, muted });
    if (this.#state === 'connected') await this.#negotiate();
  }

  /** @param {MediaTrackConstraints} [constraints] */
  async publishMicrophone(constraints) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: constraints ?? true });
    await this.publish(stream.getAudioTracks()[0], { source: 'microphone' });
  }

  /** @param {MediaTrackConstraints} [constraints] */
  async publishCamera(constraints) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: constraints ?? SfuClient.CAMERA });
    await this.publish(stream.getVideoTracks()[0], { source: 'camera' });
  }

  /** Asks the user for a screen and publishes it, with its sound where the browser gives it. */
  async publishScreen() {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 }, audio: true });
    const [video] = stream.getVideoTracks();
    const [audio] = stream.getAudioTracks();
    video.contentHint = 'detail';
    video.addEventListener('ended', () => { this.unpublish('screen_audio').catch(e => this.#report(e)); });
    await Promise.all([
      this.publish(video, { source: 'screen' }),
      audio ? this.publish(audio, { source: 'screen_audio' }) : Promise.resolve(),
    ]);
  }

  /**
   * Stops a published track.
   *
   * @param {Source} source
   */
  async unpublish(source) {
    const publication = this.#publications.get(source);
    if (!publication) return;
    this.#publications.delete(source);
    publication.track?.removeEventListener('ended', publication.onEnded);
    publication.track?.stop();
    this.#emit('localtrack', { source, track: null, muted: false });
    const { transceiver } = publication;
    if (transceiver && this.#pc && this.#state === 'connected') {
      transceiver.direction = 'inactive';
      await transceiver.sender.replaceTrack(null);
      // Encodings cannot change later, so a simulcast sender is only good for simulcast again.
      if (!publication.simulcast && !publication.codec) this.#idleSenders.push(transceiver);
      await this.#negotiate();
    }
  }

  /**
   * Sends another track in a published one's place, such as one of another device, without renegotiation.
   *
   * @param {Source} source
   * @param {MediaStreamTrack} track
   */
  async replaceTrack(source, track) {
    const publication = this.#publications.get(source);
    if (!publication) throw new SfuError('not_found', `source: ${source} is not published`);
    const before = publication.track;
    before?.removeEventListener('ended', publication.onEnded);
    publication.track = track;
    track.enabled = !publication.muted;
    track.addEventListener('ended', publication.onEnded);
    await publication.transceiver?.sender.replaceTrack(track);
    if (before !== track) before?.stop();
    this.#emit('localtrack', { source, track, muted: publication.muted });
  }

  /** @param {Source} source */
  mute(source) { this.#setMuted(source, true); }

  /** @param {Source} source */
  unmute(source) { this.#setMuted(source, false); }

  /** Turns the camera off, light included; others see it as muted. */
  async cameraOff() {
    const publication = this.#publications.get('camera');
    if (!publication) return;
    publication.track?.removeEventListener('ended', publication.onEnded);
    publication.track?.stop();
    publication.track = null;
    await publication.transceiver?.sender.replaceTrack(null);
    this.#setMuted('camera', true);
  }

  /**
   * Turns the camera on again, or for the first time.
   *
   * @param {MediaTrackConstraints} [constraints]
   */
  async cameraOn(constraints) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: constraints ?? SfuClient.CAMERA });
    const [track] = stream.getVideoTracks();
    if (!this.#publications.has('camera')) {
      await this.publish(track, { source: 'camera' });
      return;
    }
    await this.replaceTrack('camera', track);
    this.#setMuted('camera', false);
  }

  /** Whether that source is published and not muted. @param {Source} source */
  isLive(source) {
    const publication = this.#publications.get(source);
    return publication !== undefined && !publication.muted;
  }

  /** The track being sent for a source. @param {Source} source @returns {MediaStreamTrack|null} */
  localTrack(source) {
    return this.#publications.get(source)?.track ?? null;
  }

  /**
   * The browser's statistics of the peer connection.
   *
   * @param {MediaStreamTrack|null} [selector]
   */
  async getStats(selector = null) {
    if (!this.#pc) throw new SfuError('invalid_state', 'getStats: not connected');
    return this.#pc.getStats(selector);
  }

  /** What `publishCamera` asks for unless told otherwise. */
  static CAMERA = Object.freeze({ width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } });

  // ---- joining -------------------------------------------------------------------------------------------------

  async #join() {
    const target = /** @type {{url: string, room: string, name: string}} */ (this.#target);
    const socket = await this.#open(target.url);
    const joined = await new Promise((resolve, reject) => {
      const silence = new SfuError('unreachable', 'the server does not answer');
      const timer = setTimeout(() => reject(silence), JOIN_TIMEOUT_MS);
      socket.onclose = () => { clearTimeout(timer); reject(new SfuError('unreachable', 'the connection was closed')); };
      socket.onmessage = event => {
        const message = JSON.parse(event.data);
        if (message.type === 'joined') resolve(message);
        else if (message.type === 'error') reject(new SfuError(message.code, message.message));
        else return;
        clearTimeout(timer);
      };
      this.#send({ type: 'join', room: target.room, name: target.name });
    });
    if (this.#socket !== socket) throw new SfuError('invalid_state', 'left');
    this.#participantId = joined.participantId;
    this.#connectionId = joined.connectionId;
    this.#heardAt = performance.now();
    socket.onmessage = event => this.#onMessage(JSON.parse(event.data));
    socket.onclose = () => this.#onSocketLost(socket);
    this.#createPeerConnection();
    this.#meet(joined.room.participants);
  }

  /** @param {string} url @returns {Promise<WebSocket>} */
  #open(url) {
    const socket = new WebSocket(url);
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      const fail = () => reject(new SfuError('unreachable', 'the server cannot be reached'));
      const timer = setTimeout(() => { socket.close(); fail(); }, JOIN_TIMEOUT_MS);
      socket.onopen = () => { clearTimeout(timer); resolve(socket); };
      socket.onerror = () => { clearTimeout(timer); fail(); };
      socket.onclose = socket.onerror;
    });
  }

  /** Takes over the list of who is there; after a reconnection some are known and some have gone. */
  #meet(list) {
    const present = new Set(list.map(p => p.id));
    for (const id of [...this.#participants.keys()]) {
      if (!present.has(id)) this.#participantLeft(id, 'left');
    }
    for (const info of list) this.#participantJoined(info);
  }

  #createPeerConnection() {
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', ...this.#options.rtc });
    this.#pc = pc;
    this.#slots = [];
    this.#idleSenders = [];
    this.#assignments = [];
    for (const publication of this.#publications.values()) this.#addSender(publication);
    for (let i = 0; i < this.#options.slotPairs; i++) this.#addSlots('audio', 'video');
    for (let i = 0; i < this.#options.audioSlots; i++) this.#addSlots('audio');
    pc.onicecandidate = ({ candidate }) => {
      if (this.#pc !== pc) return;
      this.#send({
        type: 'candidate',
        candidate: candidate ? candidate.candidate : '',
        sdpMid: candidate?.sdpMid ?? null,
        usernameFragment: candidate?.usernameFragment ?? null,
      });
    };
    pc.oniceconnectionstatechange = () => this.#onIceState(pc);
    pc.onconnectionstatechange = () => {
      if (this.#pc === pc && pc.connectionState === 'failed') this.#restartIceSoon(0);
    };
  }

  /** @param {...('audio'|'video')} kinds */
  #addSlots(...kinds) {
    const pc = /** @type {RTCPeerConnection} */ (this.#pc);
    for (const kind of kinds) this.#slots.push(pc.addTransceiver(kind, { direction: 'recvonly' }));
  }

  /** @param {Publication} publication */
  #addSender(publication) {
    const pc = /** @type {RTCPeerConnection} */ (this.#pc);
    const kind = isVideo(publication.source) ? 'video' : 'audio';
    const plain = !publication.simulcast && !publication.codec;
    const idle = plain ? this.#idleSenders.findIndex(t => t.receiver.track.kind === kind) : -1;
    if (idle >= 0) {
      const [transceiver] = this.#idleSenders.splice(idle, 1);
      transceiver.direction = 'sendonly';
      transceiver.sender.replaceTrack(publication.track).catch(e => this.#report(e));
      publication.transceiver = transceiver;
      return;
    }
    /** @type {RTCRtpTransceiverInit} */
    const init = { direction: 'sendonly' };
    if (publication.simulcast) init.sendEncodings = simulcastEncodings(publication.codec, publication.track);
    publication.transceiver = pc.addTransceiver(publication.track ?? kind, init);
    if (publication.codec) preferCodec(publication.transceiver, publication.codec);
  }

  // ---- negotiation ---------------------------------------------------------------------------------------------

  /** Offers what there is now; one offer at a time, and requests made meanwhile share the next one. */
  #negotiate() {
    if (!this.#negotiationQueued) {
      this.#negotiationQueued = true;
      this.#negotiation = this.#negotiation.catch(() => {}).then(() => {
        this.#negotiationQueued = false;
        return this.#offerOnce();
      });
    }
    return this.#negotiation;
  }

  async #offerOnce() {
    const pc = this.#pc;
    if (!pc || pc.signalingState === 'closed') return;
    for (const publication of this.#publications.values()) {
      if (!publication.transceiver) this.#addSender(publication);
    }
    const iceRestart = this.#restartIce;
    this.#restartIce = false;
    const offer = await pc.createOffer({ iceRestart });
    if (this.#pc !== pc) return;
    const answer = this.#expectAnswer();
    try {
      await pc.setLocalDescription(offer);
      this.#send({
        type: 'offer',
        id: this.#offerId,
        sdp: /** @type {RTCSessionDescription} */ (pc.localDescription).sdp,
        tracks: [...this.#publications.values()]
          .filter(p => p.transceiver?.mid != null)
          .map(p => ({ mid: p.transceiver?.mid, source: p.source, muted: p.muted })),
      });
      const sdp = await answer;
      if (this.#pc !== pc) return;
      await pc.setRemoteDescription({ type: 'answer', sdp });
      this.#attach();
    } catch (e) {
      if (this.#pc === pc && pc.signalingState === 'have-local-offer') {
        await pc.setLocalDescription({ type: 'rollback' });
      }
      if (this.#pc === pc) throw e;
    } finally {
      this.#pendingOffer = null;
    }
  }

  /** @returns {Promise<string>} */
  #expectAnswer() {
    const id = ++this.#offerId;
    const answer = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new SfuError('unreachable', 'the offer was not answered'));
      }, ANSWER_TIMEOUT_MS);
      this.#pendingOffer = {
        id,
        resolve: sdp => { clearTimeout(timer); resolve(sdp); },
        reject: e => { clearTimeout(timer); reject(e); },
      };
    });
    answer.catch(() => {}); // Awaited later; must not count as unhandled before.
    return answer;
  }

  // ---- messages ------------------------------------------------------------------------------------------------

  /** @param {object} message */
  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #onMessage(message) {
    this.#heardAt = performance.now();
    switch (message.type) {
      case 'answer':
        if (this.#pendingOffer?.id === message.id) this.#pendingOffer.resolve(message.sdp);
        break;
      case 'candidate': {
        const pc = this.#pc;
        const add = () => pc?.addIceCandidate({ candidate: message.candidate, sdpMid: message.sdpMid ?? '0' });
        // After the answer it belongs to; end of candidates changes nothing a user would notice.
        this.#negotiation.then(add).catch(() => {});
        break;
      }
      case 'participantJoined': this.#participantJoined(message.participant); break;
      case 'participantLeft': this.#participantLeft(message.participantId, message.reason); break;
      case 'trackPublished': this.#trackPublished(message.track); break;
      case 'trackUnpublished': this.#trackUnpublished(message.participantId, message.trackId); break;
      case 'trackMuted': this.#trackMuted(message); break;
      case 'slots': this.#assignments = message.slots; this.#attach(); break;
      case 'slotsNeeded': this.#growSlots(message.audio, message.video); break;
      case 'chat':
      case 'notice': this.#emit(message.type, message); break;
      case 'error': this.#onError(message); break;
      case 'ended': this.#onEnded(message.code, message.reason); break;
      default: break; // pong, connectionState, and whatever newer servers say
    }
  }

  #onError(message) {
    const error = new SfuError(message.code, message.message);
    if (message.for === 'offer' && this.#pendingOffer?.id === message.id) this.#pendingOffer.reject(error);
    else this.#emit('error', message);
  }

  #onEnded(code, reason) {
    if (TRANSIENT_ENDS.has(code)) this.#reconnect();
    else this.#finish(code, reason);
  }

  #participantJoined(info) {
    const known = this.#participants.get(info.id);
    /** @type {Participant} */
    const participant = known ?? {
      id: info.id,
      name: info.name,
      tracks: new Map(),
      streams: { main: new MediaStream(), screen: new MediaStream() },
      speaking: false,
      quality: null,
    };
    if (!known) {
      this.#participants.set(info.id, participant);
      this.#emit('participantjoined', { participant });
    }
    for (const track of info.tracks) this.#trackPublished(track);
  }

  #participantLeft(id, reason) {
    const participant = this.#participants.get(id);
    if (!participant) return;
    for (const trackId of [...participant.tracks.keys()]) this.#trackUnpublished(id, trackId);
    this.#participants.delete(id);
    this.#emit('participantleft', { participant, reason });
  }

  #trackPublished(info) {
    const participant = this.#participants.get(info.participantId);
    if (!participant) return;
    const known = participant.tracks.get(info.id);
    const track = Object.assign(known ?? {}, info);
    participant.tracks.set(info.id, track);
    this.#emit(known ? 'trackmuted' : 'trackpublished', { participant, track });
    this.#attach();
  }

  #trackUnpublished(participantId, trackId) {
    const participant = this.#participants.get(participantId);
    const track = participant?.tracks.get(trackId);
    if (!participant || !track) return;
    this.#detach(trackId);
    participant.tracks.delete(trackId);
    this.#emit('trackunpublished', { participant, track });
  }

  #trackMuted({ participantId, trackId, muted }) {
    const participant = this.#participants.get(participantId);
    const track = participant?.tracks.get(trackId);
    if (!participant || !track) return;
    track.muted = muted;
    this.#emit('trackmuted', { participant, track });
  }

  // ---- slots ---------------------------------------------------------------------------------------------------

  #growSlots(audio, video) {
    if (!this.#pc) return;
    const missing = kind => this.#slots.filter(t => t.receiver.track.kind === kind).length;
    let moreAudio = Math.min(audio, MAX_SLOTS) - missing('audio');
    let moreVideo = Math.min(video, MAX_SLOTS) - missing('video');
    if (moreAudio <= 0 && moreVideo <= 0) return;
    // In pairs as far as they go: neighbours share a stream, so that lips and voice stay together.
    while (moreAudio > 0 || moreVideo > 0) {
      if (moreAudio-- > 0) this.#addSlots('audio');
      if (moreVideo-- > 0) this.#addSlots('video');
    }
    this.#negotiate().catch(e => this.#report(e));
  }

  /** Makes the participants' streams hold what the slots play now. */
  #attach() {
    const wanted = new Map();
    for (const { mid, trackId, participantId } of this.#assignments) {
      const participant = participantId ? this.#participants.get(participantId) : undefined;
      const track = trackId ? participant?.tracks.get(trackId) : undefined;
      const transceiver = this.#slots.find(t => t.mid === mid);
      if (participant && track && transceiver) {
        wanted.set(trackId, { mid, participant, track, receiver: transceiver.receiver });
      }
    }
    for (const [trackId, { receiver }] of [...this.#attached]) {
      if (wanted.get(trackId)?.receiver !== receiver) this.#detach(trackId);
    }
    for (const [trackId, entry] of wanted) {
      if (this.#attached.has(trackId)) continue;
      this.#attached.set(trackId, entry);
      const { participant, track, receiver } = entry;
      const stream = participant.streams[groupOf(track.source)];
      stream.addTrack(receiver.track);
      this.#emit('trackadded', { participant, track, mediaTrack: receiver.track, stream });
    }
  }

  /** @param {string} trackId */
  #detach(trackId) {
    const entry = this.#attached.get(trackId);
    if (!entry) return;
    this.#attached.delete(trackId);
    const { participant, track, receiver } = entry;
    const stream = participant.streams[groupOf(track.source)];
    stream.removeTrack(receiver.track);
    this.#emit('trackremoved', { participant, track, mediaTrack: receiver.track, stream });
    if (track.kind === 'audio') this.#setSpeaking(participant, false);
  }

  // ---- staying connected ---------------------------------------------------------------------------------------

  #startTimers() {
    this.#stopTimers();
    this.#timers = [
      setInterval(() => this.#beat(), PING_MS),
      setInterval(() => this.#pollSpeaking(), SPEAKING_MS),
      setInterval(() => { this.#pollQuality().catch(() => {}); }, QUALITY_MS),
    ];
    window.addEventListener('online', this.#onNetworkChange);
    navigator.connection?.addEventListener?.('change', this.#onNetworkChange);
  }

  #stopTimers() {
    this.#timers.forEach(clearInterval);
    this.#timers = [];
    window.removeEventListener('online', this.#onNetworkChange);
    navigator.connection?.removeEventListener?.('change', this.#onNetworkChange);
  }

  #onNetworkChange = () => {
    if (this.#state === 'reconnecting') this.#wakeBackoff?.();
    else this.#restartIceSoon(NETWORK_CHANGE_SETTLE_MS);
  };

  /** Finds out about a WebSocket that died without a word, which TCP takes minutes to. */
  #beat() {
    if (this.#state !== 'connected') return;
    if (performance.now() - this.#heardAt > SILENCE_MS) this.#reconnect();
    else this.#send({ type: 'ping' });
  }

  /** @param {RTCPeerConnection} pc */
  #onIceState(pc) {
    if (this.#pc !== pc) return;
    clearTimeout(this.#iceTimer);
    if (pc.iceConnectionState === 'disconnected') this.#restartIceSoon(DISCONNECTED_GRACE_MS);
    else if (pc.iceConnectionState === 'failed') this.#restartIceSoon(0);
  }

  /** Restarts ICE after a while unless things mend before, and joins anew if that does not help either. */
  #restartIceSoon(afterMs) {
    clearTimeout(this.#iceTimer);
    const pc = this.#pc;
    this.#iceTimer = setTimeout(() => {
      if (!pc || this.#pc !== pc || this.#state !== 'connected') return;
      this.#restartIce = true;
      this.#negotiate().catch(e => this.#report(e));
      this.#iceTimer = setTimeout(() => {
        const bad = ['disconnected', 'failed'].includes(pc.iceConnectionState) || pc.connectionState === 'failed';
        if (this.#pc === pc && bad && this.#state === 'connected') this.#reconnect();
      }, RESTART_PATIENCE_MS);
    }, afterMs);
  }

  /** @param {WebSocket} socket */
  #onSocketLost(socket) {
    if (this.#socket === socket && this.#state === 'connected') this.#reconnect();
  }

  /** A participant is gone with its WebSocket, so this is a new join with everything published again. */
  async #reconnect() {
    if (this.#state !== 'connected') return;
    this.#setState('reconnecting');
    this.#dropConnection();
    for (;;) {
      this.#emit('reconnecting', { attempt: ++this.#attempt });
      const backoff = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (this.#attempt - 1));
      await Promise.race([
        wait(backoff * (0.5 + Math.random())),
        new Promise(resolve => { this.#wakeBackoff = () => resolve(undefined); }),
      ]);
      if (this.#state !== 'reconnecting') return;
      try {
        await this.#join();
        break;
      } catch (e) {
        if (this.#state !== 'reconnecting') return;
        this.#dropConnection();
        const code = e instanceof SfuError ? e.code : 'internal';
        if (code === 'bad_request') {
          this.#finish(code, String(e));
          return;
        }
      }
    }
    this.#attempt = 0;
    this.#setState('connected');
    this.#emit('reconnected', {});
    this.#negotiate().catch(e => this.#report(e));
  }

  #dropConnection() {
    clearTimeout(this.#iceTimer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onclose = socket.onmessage = socket.onerror = null;
      socket.close();
    }
    this.#pendingOffer?.reject(new SfuError('unreachable', 'the connection was lost'));
    this.#pendingOffer = null;
    for (const trackId of [...this.#attached.keys()]) this.#detach(trackId);
    this.#assignments = [];
    const pc = this.#pc;
    this.#pc = null;
    pc?.close();
    for (const publication of this.#publications.values()) publication.transceiver = null;
    this.#lossBefore.clear();
  }

  #finish(code, reason) {
    if (this.#state === 'ended') return;
    this.#setState('ended');
    this.#wakeBackoff?.();
    this.#stopTimers();
    this.#dropConnection();
    for (const id of [...this.#participants.keys()]) this.#participantLeft(id, 'left');
    for (const { source, track, onEnded } of this.#publications.values()) {
      track?.removeEventListener('ended', onEnded);
      track?.stop();
      this.#emit('localtrack', { source, track: null, muted: false });
    }
    this.#publications.clear();
    this.#emit('ended', { code, reason });
  }

  // ---- speaking and quality ------------------------------------------------------------------------------------

  #pollSpeaking() {
    const now = performance.timeOrigin + performance.now();
    for (const { mid, participant, track, receiver } of this.#attached.values()) {
      if (track.source !== 'microphone') continue;
      const [source] = receiver.getSynchronizationSources();
      const fresh = source && now - source.timestamp < SPEAKING_STALE_MS;
      const level = fresh ? source.audioLevel ?? this.#levels.get(mid) ?? 0 : 0;
      this.#setSpeaking(participant, !track.muted && level > SPEAKING_LEVEL);
    }
    this.#pollOwnLevel().catch(() => {});
  }

  #ownSpeaking = false;

  async #pollOwnLevel() {
    const microphone = this.#publications.get('microphone');
    let speaking = false;
    if (microphone?.transceiver && !microphone.muted) {
      const stats = await microphone.transceiver.sender.getStats();
      stats.forEach(s => { if (s.type === 'media-source') speaking = (s.audioLevel ?? 0) > SPEAKING_LEVEL; });
    }
    if (speaking !== this.#ownSpeaking) {
      this.#ownSpeaking = speaking;
      this.#emit('speaking', { participantId: this.#participantId, speaking });
    }
  }

  /** @param {Participant} participant @param {boolean} speaking */
  #setSpeaking(participant, speaking) {
    if (participant.speaking === speaking) return;
    participant.speaking = speaking;
    this.#emit('speaking', { participantId: participant.id, speaking });
  }

  async #pollQuality() {
    if (!this.#pc || this.#state !== 'connected') return;
    const stats = await this.#pc.getStats();
    let roundTrip = 0;
    let sendLoss = 0;
    /** @type {Map<string, {received: number, lost: number}>} */
    const byMid = new Map();
    stats.forEach(s => {
      if (s.type === 'candidate-pair' && s.nominated && s.currentRoundTripTime !== undefined) {
        roundTrip = s.currentRoundTripTime;
      } else if (s.type === 'remote-inbound-rtp') {
        sendLoss = Math.max(sendLoss, s.fractionLost ?? 0);
      } else if (s.type === 'inbound-rtp' && s.mid != null) {
        if (s.audioLevel !== undefined) this.#levels.set(s.mid, s.audioLevel);
        byMid.set(s.mid, { received: s.packetsReceived ?? 0, lost: s.packetsLost ?? 0 });
      }
    });
    if (!this.#pc) return;
    const up = ['connected', 'completed'].includes(this.#pc.iceConnectionState);
    const own = up ? grade(sendLoss, roundTrip) : 'poor';
    this.#emit('quality', { participantId: this.#participantId, quality: own });
    /** @type {Map<Participant, number>} */
    const worst = new Map();
    for (const { mid, participant } of this.#attached.values()) {
      const now = byMid.get(mid);
      if (!now) continue;
      const before = this.#lossBefore.get(mid) ?? now;
      const received = now.received - before.received;
      const lost = Math.max(0, now.lost - before.lost);
      if (received + lost > 0) worst.set(participant, Math.max(worst.get(participant) ?? 0, lost / (received + lost)));
    }
    this.#lossBefore = byMid;
    for (const [participant, loss] of worst) {
      const quality = grade(loss, roundTrip);
      if (participant.quality === quality) continue;
      participant.quality = quality;
      this.#emit('quality', { participantId: participant.id, quality });
    }
  }

  // ---- small things --------------------------------------------------------------------------------------------

  /** @param {Source} source @param {boolean} muted */
  #setMuted(source, muted) {
    const publication = this.#publications.get(source);
    if (!publication) return;
    publication.muted = muted;
    if (publication.track) publication.track.enabled = !muted;
    const mid = publication.transceiver?.mid;
    if (mid != null) this.#send({ type: 'mute', mid, muted });
    this.#emit('localtrack', { source, track: publication.track, muted });
  }

  /** @param {State} state */
  #setState(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#emit('state', { state });
  }

  /** @param {unknown} e */
  #report(e) {
    const code = e instanceof SfuError ? e.code : 'internal';
    if (code === 'unreachable' && this.#state !== 'connected') return;
    this.#emit('error', { code, message: e instanceof Error ? e.message : String(e) });
  }

  /** @param {string} type @param {object} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/**
 * As many layers as the picture is large enough for: Chromium leaves out the last ones, which are the best, when there
 * are more.
 *
 * @param {string|null} codec @param {MediaStreamTrack|null} track @returns {RTCRtpEncodingParameters[]}
 */
function simulcastEncodings(codec, track) {
  // Without a mode, VP9 and AV1 would take three encodings as spatial layers of one stream.
  const mode = codec === 'VP9' || codec === 'AV1' ? { scalabilityMode: 'L1T1' } : {};
  const { width = 1280, height = 720 } = track?.getSettings() ?? {};
  const pixels = width * height;
  const layers = pixels >= 960 * 540 ? 3 : pixels >= 480 * 270 ? 2 : 1;
  return [
    { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000, ...mode },
    { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000, ...mode },
    { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 2_500_000, ...mode },
  ].slice(3 - layers);
}

/** @param {RTCRtpTransceiver} transceiver @param {string} codec */
function preferCodec(transceiver, codec) {
  const wanted = `video/${codec}`.toLowerCase();
  for (const capabilities of [RTCRtpSender.getCapabilities('video'), RTCRtpReceiver.getCapabilities('video')]) {
    const codecs = capabilities?.codecs ?? [];
    const first = codecs.filter(c => c.mimeType.toLowerCase() === wanted);
    if (first.length === 0 || !transceiver.setCodecPreferences) continue;
    try {
      transceiver.setCodecPreferences([...first, ...codecs.filter(c => c.mimeType.toLowerCase() !== wanted)]);
      return;
    } catch {
      // Some browsers take only what they can also receive: the second list.
    }
  }
}

/** @param {number} loss 0 to 1 @param {number} roundTripSeconds @returns {Quality} */
function grade(loss, roundTripSeconds) {
  if (loss > 0.08 || roundTripSeconds > 0.4) return 'poor';
  if (loss > 0.02 || roundTripSeconds > 0.15) return 'medium';
  return 'good';
}
