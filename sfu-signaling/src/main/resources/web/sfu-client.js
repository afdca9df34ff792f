/**
 * Browser client of the SFU: signaling, one peer connection, slots, layers, reconnection. No dependencies.
 *
 *     import { SfuClient } from '/sfu-client.js';
 *     const client = new SfuClient();
 *     client.addEventListener('trackadded', e => client.attach(e.detail.participant, video));
 *     await client.connect({ room: 'demo', name: 'Anna' });
 *     await client.publishCamera();
 *
 * An element that is attached gets no more than it shows: the client watches its size and whether it can be seen, and tells
 * the server. What nobody watches the client does not send.
 *
 * The protocol it speaks is described in docs/protocol.md.
 *
 * @module sfu-client
 */

/** @typedef {'microphone'|'camera'|'screen'|'screen_audio'} Source */
/** @typedef {'new'|'connecting'|'connected'|'reconnecting'|'ended'} State */
/** @typedef {'good'|'medium'|'poor'} Quality */
/** @typedef {'main'|'screen'} Group camera and microphone, or screen and its sound */
/** @typedef {'playing'|'paused_by_viewer'|'paused_by_bandwidth'} Playback */

/**
 * @typedef {object} RemoteTrack
 * @property {string} id
 * @property {string} participantId
 * @property {'audio'|'video'} kind
 * @property {Source} source
 * @property {boolean} muted
 * @property {Playback} [playback] of video that is in a slot: whether it plays, and why not
 */

/**
 * What is wanted of somebody's video beyond what the elements say; what is absent is not limited.
 *
 * @typedef {object} Wish
 * @property {'low'|'normal'|'high'} [priority] against other video, when not all of it fits
 * @property {number} [maxLayer] the highest quality layer, 0 for the lowest
 * @property {number} [maxFramesPerSecond]
 * @property {boolean} [paused] whatever can be seen
 * @property {number} [width] in physical pixels, whatever the elements measure
 * @property {number} [height]
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
 * How video is encoded. What is absent comes from the client's options.
 *
 * @typedef {object} Encoding
 * @property {boolean} [simulcast] several resolutions, for viewers on different networks
 * @property {string|null} [codec] preferred codec: VP8, VP9, H264 or AV1
 * @property {string|null} [scalabilityMode] such as `L3T3_KEY`, several resolutions in one stream (VP9 and AV1, where the
 *     browser does it; simulcast elsewhere), or `L1T3`, several frame rates
 * @property {number} [maxBitrate] of the best resolution, in bits per second
 * @property {number} [maxFramerate]
 */

/**
 * @typedef {object} Publication
 * @property {Source} source
 * @property {MediaStreamTrack|null} track null while the camera is off
 * @property {boolean} muted
 * @property {Encoding} encoding
 * @property {string} shape what a sender has to have been made for to send it
 * @property {RTCRtpTransceiver|null} transceiver null while there is no peer connection
 * @property {() => void} onEnded
 */

/**
 * @typedef {object} Options
 * @property {boolean} [simulcast=true] send video in several resolutions
 * @property {string|null} [codec=null] preferred video codec: VP8, VP9, H264 or AV1
 * @property {string|null} [scalabilityMode=null] see Encoding
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
/** Wanting more is said after this, */
const WISH_UP_MS = 100;
/** and wanting less when nothing has changed for this long, so that a window being dragged does not make layers flap. */
const WISH_CALM_MS = 1_000;
/** A page that is hidden for longer needs no video. */
const HIDDEN_MS = 3_000;
/** What is this near to the window may be scrolled into it soon. */
const NEAR_PX = 200;
const MAX_WISH_PX = 32_768;
/** How often switching encodings is tried while the browser is busy with them. */
const SWITCH_TRIES = 20;
const SWITCH_PAUSE_MS = 100;
/** Endings after which joining again may succeed. */
const TRANSIENT_ENDS = new Set(['shutting_down', 'connection_failed', 'internal']);

const wait = ms => new Promise(resolve => { setTimeout(resolve, ms); });

/** @param {Source} source */
const isVideo = source => source === 'camera' || source === 'screen';

/** @param {Source} source @returns {Group} */
const groupOf = source => (source === 'screen' || source === 'screen_audio' ? 'screen' : 'main');

/**
 * A participant's connection to a room.
 *
 * Events (all `CustomEvent`, data in `detail`):
 * `state` {state} ·
 * `participantjoined` {participant} · `participantleft` {participant, reason} ·
 * `trackpublished` {participant, track} · `trackunpublished` {participant, track} · `trackmuted` {participant, track} ·
 * `trackadded` {participant, track, mediaTrack, stream} · `trackremoved` the same ·
 * `playing` {participant, track, playback, elements} when video stops or resumes: `paused_by_bandwidth`, `playing` ·
 * `speakers` {dominantParticipantId, participantIds, dominant, participants} who leads, and all who are heard ·
 * `localtrack` {source, track, muted} whenever something published changes; track null when unpublished or off ·
 * `speaking` {participantId, speaking} · `quality` {participantId, quality} ·
 * `trackstats` {participant, track, bitrate, width, height, framesPerSecond} of what arrives, and
 * `localstats` {source, bitrate, width, height, framesPerSecond} of what is sent, every two seconds; bits per second ·
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
  /** @type {Array<{transceiver: RTCRtpTransceiver, shape: string}>} that sent once and may send again */ #idleSenders = [];
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
  /** @type {Map<string, {bytes: number, at: number}>} by id of the statistics */ #bytesBefore = new Map();
  /** @type {Map<string, number>} audio levels by mid, for streams whose packets carry none */ #levels = new Map();
  #views = new Views(() => this.#updateWishes());
  /** @type {Map<string, Wish>} by participant and group */ #ownWishes = new Map();
  /** @type {Map<string, object>} what the server knows, by mid */ #sentWishes = new Map();
  /** @type {Set<string>} mids whose track has changed since */ #newInSlots = new Set();
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #wishMoreTimer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #wishLessTimer;
  /** @type {string[]|null|undefined} undefined until set */ #page;
  /** @type {Map<string, Playback>} by mid */ #playback = new Map();
  /** @type {Map<string, Map<string, boolean>>} which encodings are wanted: by mid, by rid */ #demands = new Map();
  /** @type {WeakMap<RTCRtpSender, EncodingSwitch>} */ #switches = new WeakMap();
  #participantId = '';
  #connectionId = '';

  /** @param {Options} [options] */
  constructor(options = {}) {
    super();
    this.#options = {
      simulcast: options.simulcast ?? true,
      codec: options.codec ?? null,
      scalabilityMode: options.scalabilityMode ?? null,
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
   * @param {{source: Source, muted?: boolean} & Encoding} how
   */
  async publish(track, { source, muted = false, ...how }) {
    if (this.#publications.has(source)) {
      await this.replaceTrack(source, track);
      return;
    }
    const { simulcast, codec, scalabilityMode } = this.#options;
    /** @type {Publication} */
    const publication = {
      source,
      track,
      muted,
      encoding: isVideo(source) ? { simulcast, codec, scalabilityMode, ...how } : how,
      shape: '',
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

  /** @param {{constraints?: MediaTrackConstraints} & Encoding} [how] */
  async publishCamera({ constraints, ...how } = {}) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: constraints ?? SfuClient.CAMERA });
    await this.publish(stream.getVideoTracks()[0], { source: 'camera', ...how });
  }

  /**
   * Asks the user for a screen and publishes it, with its sound where the browser gives it.
   *
   * @param {{constraints?: MediaTrackConstraints, contentHint?: 'detail'|'text'|'motion'} & Encoding} [how] `motion` for
   *     films: fewer pixels rather than fewer frames when the network is slow
   */
  async publishScreen({ constraints, contentHint = 'detail', ...how } = {}) {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: constraints ?? { frameRate: 15 }, audio: true });
    const [video] = stream.getVideoTracks();
    const [audio] = stream.getAudioTracks();
    video.contentHint = contentHint;
    video.addEventListener('ended', () => { this.unpublish('screen_audio').catch(e => this.#report(e)); });
    await Promise.all([
      this.publish(video, { source: 'screen', ...how }),
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
      if (transceiver.mid != null) this.#demands.delete(transceiver.mid);
      this.#idleSenders.push({ transceiver, shape: publication.shape });
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
   * @param {{constraints?: MediaTrackConstraints} & Encoding} [how] the encoding counts the first time only
   */
  async cameraOn({ constraints, ...how } = {}) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: constraints ?? SfuClient.CAMERA });
    const [track] = stream.getVideoTracks();
    if (!this.#publications.has('camera')) {
      await this.publish(track, { source: 'camera', ...how });
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
   * Shows a participant in an element, whatever slots his tracks come in, and asks for no more than the element shows:
   * nothing while it is out of sight. Several elements may show the same; video that no element shows comes in full.
   *
   * @param {Participant} participant
   * @param {HTMLVideoElement} element
   * @param {Group} [group]
   */
  attach(participant, element, group = 'main') {
    const stream = participant.streams[group];
    if (element.srcObject !== stream) element.srcObject = stream;
    this.#views.add(element, `${participant.id}/${group}`);
    this.#updateWishes();
  }

  /** Undoes `attach`. @param {HTMLVideoElement} element */
  detach(element) {
    element.srcObject = null;
    this.#views.remove(element);
    this.#updateWishes();
  }

  /**
   * Wants something of somebody's video that elements do not say; it holds until set again.
   *
   * @param {Participant} participant
   * @param {Wish} wish `{}` to want nothing special any more
   * @param {Group} [group]
   */
  setSlotWish(participant, wish, group = 'main') {
    this.#ownWishes.set(`${participant.id}/${group}`, { ...wish });
    this.#updateWishes();
  }

  /**
   * Chooses whose video plays, the most important first: the page of a gallery, or who is spotlighted. Everybody is heard
   * whoever is shown.
   *
   * @param {string[]|null} participantIds null for as many as there are slots
   */
  setPage(participantIds) {
    if (JSON.stringify(participantIds) === JSON.stringify(this.#page ?? null)) return;
    this.#page = participantIds;
    if (this.#state === 'connected') this.#send({ type: 'page', participantIds });
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
    if (this.#page !== undefined) this.#send({ type: 'page', participantIds: this.#page });
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
    for (const kind of kinds) {
      const slot = pc.addTransceiver(kind, { direction: 'recvonly' });
      if (kind === 'video') describeLayers(slot);
      this.#slots.push(slot);
    }
  }

  /** @param {Publication} publication */
  #addSender(publication) {
    const pc = /** @type {RTCPeerConnection} */ (this.#pc);
    const kind = isVideo(publication.source) ? 'video' : 'audio';
    const { codec = null } = publication.encoding;
    const sendEncodings = encodingsFor(publication);
    publication.shape = JSON.stringify([kind, codec, sendEncodings]);
    // Codec and encodings cannot change later, so a sender is only good for the same again.
    // Firefox cuts those of an inactive one down to the first.
    const count = sendEncodings?.length ?? 1;
    const idle = this.#idleSenders.findIndex(({ shape, transceiver: { sender } }) =>
      shape === publication.shape && sender.getParameters().encodings.length === count);
    if (idle >= 0) {
      const [{ transceiver }] = this.#idleSenders.splice(idle, 1);
      transceiver.direction = 'sendonly';
      transceiver.sender.replaceTrack(publication.track).catch(e => this.#report(e));
      publication.transceiver = transceiver;
      this.#applyDemand(publication);
      return;
    }
    publication.transceiver = addSender(pc, publication.track ?? kind, sendEncodings);
    if (codec) preferCodec(publication.transceiver, codec);
    if (codec?.toUpperCase() === 'AV1') describeLayers(publication.transceiver);
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
      for (const publication of this.#publications.values()) this.#applyDemand(publication);
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
      case 'slots': this.#onSlots(message.slots); break;
      case 'playing': this.#onPlaying(message.slots); break;
      case 'encodings': this.#onEncodings(message.mid, message.encodings); break;
      case 'speakers': this.#onSpeakers(message.dominantParticipantId ?? null, message.participantIds); break;
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
    for (const group of ['main', 'screen']) {
      this.#views.removeAll(`${id}/${group}`);
      this.#ownWishes.delete(`${id}/${group}`);
    }
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

  /** @param {Array<{mid: string, trackId?: string, participantId?: string}>} slots */
  #onSlots(slots) {
    const before = new Map(this.#assignments.map(({ mid, trackId }) => [mid, trackId]));
    for (const { mid, trackId } of slots) {
      if (before.get(mid) === trackId) continue;
      this.#newInSlots.add(mid);
      this.#playback.delete(mid);
    }
    this.#assignments = slots;
    this.#attach();
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
    this.#showPlayback();
    this.#updateWishes();
  }

  // ---- what is wanted and what plays -----------------------------------------------------------------------------

  /** What is wanted in each video slot that has a track, by mid. @returns {Map<string, object>} */
  #wishes() {
    const wishes = new Map();
    for (const { mid, participant, track } of this.#attached.values()) {
      if (track.kind !== 'video') continue;
      const key = `${participant.id}/${groupOf(track.source)}`;
      wishes.set(mid, { mid, ...this.#views.look(key), ...this.#ownWishes.get(key) });
    }
    return wishes;
  }

  /** Tells the server soon what is wanted, if that has changed. */
  #updateWishes() {
    let more = false;
    let less = false;
    for (const [mid, wish] of this.#wishes()) {
      const change = this.#changeOf(mid, wish);
      more ||= change === 'more';
      less ||= change === 'less';
    }
    if (more) this.#wishMoreTimer ??= setTimeout(() => this.#sendWishes('more'), WISH_UP_MS);
    clearTimeout(this.#wishLessTimer);
    if (less) this.#wishLessTimer = setTimeout(() => this.#sendWishes('less'), WISH_CALM_MS);
  }

  /** How a wish differs from what the server knows; in a slot that has got another track at once is best. */
  #changeOf(mid, wish) {
    const sent = this.#sentWishes.get(mid) ?? { mid };
    if (JSON.stringify(sent) === JSON.stringify(wish)) return 'none';
    return this.#newInSlots.has(mid) || wantsMore(wish, sent) ? 'more' : 'less';
  }

  /** @param {'more'|'less'} change */
  #sendWishes(change) {
    if (change === 'more') this.#wishMoreTimer = undefined;
    if (this.#state !== 'connected') return;
    const slots = [];
    for (const [mid, wish] of this.#wishes()) {
      if (this.#changeOf(mid, wish) !== change) continue;
      this.#sentWishes.set(mid, wish);
      this.#newInSlots.delete(mid);
      slots.push(wish);
    }
    if (slots.length > 0) this.#send({ type: 'wishes', slots });
  }

  /** @param {Array<{mid: string, playback: Playback}>} slots */
  #onPlaying(slots) {
    this.#playback = new Map(slots.map(({ mid, playback }) => [mid, playback]));
    this.#showPlayback();
  }

  #showPlayback() {
    for (const { mid, participant, track } of this.#attached.values()) {
      if (track.kind !== 'video') continue;
      const playback = this.#playback.get(mid) ?? 'playing';
      const before = track.playback ?? 'playing';
      track.playback = playback;
      if (playback === before) continue;
      const elements = this.#views.elements(`${participant.id}/${groupOf(track.source)}`);
      this.#emit('playing', { participant, track, playback, elements });
    }
  }

  /** @param {string|null} dominantParticipantId @param {string[]} participantIds */
  #onSpeakers(dominantParticipantId, participantIds) {
    this.#speakersKnown = true;
    for (const participant of this.#participants.values()) {
      this.#setSpeaking(participant, participantIds.includes(participant.id));
    }
    this.#emit('speakers', {
      dominantParticipantId,
      participantIds,
      dominant: this.#participants.get(dominantParticipantId ?? '') ?? null,
      participants: participantIds.map(id => this.#participants.get(id)).filter(Boolean),
    });
  }

  // ---- layers that nobody watches --------------------------------------------------------------------------------

  /** @param {string} mid @param {Array<{rid: string, wanted: boolean}>} encodings */
  #onEncodings(mid, encodings) {
    this.#demands.set(mid, new Map(encodings.map(({ rid, wanted }) => [rid ?? '', wanted])));
    for (const publication of this.#publications.values()) {
      if (publication.transceiver?.mid === mid) this.#applyDemand(publication);
    }
  }

  /** @param {Publication} publication */
  #applyDemand({ source, transceiver }) {
    if (!transceiver || !isVideo(source)) return;
    const demand = this.#demands.get(transceiver.mid ?? '');
    let encodings = this.#switches.get(transceiver.sender);
    if (!encodings && !demand) return;
    if (!encodings) {
      encodings = new EncodingSwitch(transceiver.sender);
      this.#switches.set(transceiver.sender, encodings);
    }
    encodings.want(demand ?? new Map());
  }

  /** @param {string} trackId */
  #detach(trackId) {
    const entry = this.#attached.get(trackId);
    if (!entry) return;
    this.#attached.delete(trackId);
    const { participant, track, receiver } = entry;
    const stream = participant.streams[groupOf(track.source)];
    stream.removeTrack(receiver.track);
    delete track.playback;
    this.#emit('trackremoved', { participant, track, mediaTrack: receiver.track, stream });
    if (track.kind === 'audio' && !this.#speakersKnown) this.#setSpeaking(participant, false);
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
    this.#bytesBefore.clear();
    this.#speakersKnown = false;
    this.#sentWishes.clear();
    this.#newInSlots.clear();
    this.#playback.clear();
    this.#demands.clear();
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
    this.#page = undefined;
    this.#emit('ended', { code, reason });
  }

  // ---- speaking and quality ------------------------------------------------------------------------------------

  #pollSpeaking() {
    const now = performance.timeOrigin + performance.now();
    for (const { mid, participant, track, receiver } of this.#attached.values()) {
      if (track.source !== 'microphone' || this.#speakersKnown) continue;
      const [source] = receiver.getSynchronizationSources();
      const fresh = source && now - source.timestamp < SPEAKING_STALE_MS;
      const level = fresh ? source.audioLevel ?? this.#levels.get(mid) ?? 0 : 0;
      this.#setSpeaking(participant, !track.muted && level > SPEAKING_LEVEL);
    }
    this.#pollOwnLevel().catch(() => {});
  }

  #ownSpeaking = false;
  #speakersKnown = false;

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
    this.#reportRates(stats);
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

  /** @param {RTCStatsReport} stats */
  #reportRates(stats) {
    const before = this.#bytesBefore;
    this.#bytesBefore = new Map();
    /** @type {Map<string, {bitrate: number, width: number, height: number, framesPerSecond: number}>} */
    const sums = new Map();
    stats.forEach(s => {
      if ((s.type !== 'inbound-rtp' && s.type !== 'outbound-rtp') || s.mid == null) return;
      const bytes = (s.bytesReceived ?? s.bytesSent ?? 0) + (s.headerBytesReceived ?? s.headerBytesSent ?? 0);
      this.#bytesBefore.set(s.id, { bytes, at: s.timestamp });
      const last = before.get(s.id);
      const bitrate = last && s.timestamp > last.at ? Math.max(0, bytes - last.bytes) * 8_000 / (s.timestamp - last.at) : 0;
      const sum = sums.get(s.mid) ?? { bitrate: 0, width: 0, height: 0, framesPerSecond: 0 };
      sum.bitrate += bitrate;
      // Of several encodings the largest that flows says what can be seen.
      if (bitrate > 0 && (s.frameWidth ?? 0) > sum.width) {
        Object.assign(sum, { width: s.frameWidth, height: s.frameHeight, framesPerSecond: s.framesPerSecond ?? 0 });
      }
      sums.set(s.mid, sum);
    });
    for (const { mid, participant, track } of this.#attached.values()) {
      if (sums.has(mid)) this.#emit('trackstats', { participant, track, ...sums.get(mid) });
    }
    for (const { source, transceiver } of this.#publications.values()) {
      const sum = sums.get(transceiver?.mid ?? '');
      if (sum) this.#emit('localstats', { source, ...sum });
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
 * Whether a wish asks for anything that another one does not; what is absent or 0 is not limited.
 *
 * @param {any} wish @param {any} other
 */
function wantsMore(wish, other) {
  const limit = value => value || Infinity;
  const layers = value => value ?? Infinity;
  const rank = value => ({ low: 0, high: 2 })[value] ?? 1;
  return (!wish.paused && Boolean(other.paused))
    || limit(wish.width) > limit(other.width)
    || limit(wish.height) > limit(other.height)
    || limit(wish.maxFramesPerSecond) > limit(other.maxFramesPerSecond)
    || layers(wish.maxLayer) > layers(other.maxLayer)
    || rank(wish.priority) > rank(other.priority);
}

/** Knows how large elements are on the screen and whether they can be seen. */
class Views {
  /** @type {Map<HTMLVideoElement, {key: string, width: number, height: number, inSight: boolean}>} */ #views = new Map();
  #hidden = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #hiddenTimer;
  #onChange;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  #sizes = new ResizeObserver(entries => {
    for (const entry of entries) {
      const [{ inlineSize, blockSize }] = entry.contentBoxSize;
      // Under device emulation the exact size is not scaled.
      const exact = entry.devicePixelContentBoxSize?.[0];
      const width = Math.max(exact?.inlineSize ?? 0, inlineSize * devicePixelRatio);
      const height = Math.max(exact?.blockSize ?? 0, blockSize * devicePixelRatio);
      this.#set(entry.target, { width: pixels(width), height: pixels(height) });
    }
    this.#onChange();
  });

  #sight = new IntersectionObserver(entries => {
    for (const entry of entries) this.#set(entry.target, { inSight: entry.isIntersecting });
    this.#onChange();
  }, { rootMargin: `${NEAR_PX}px`, scrollMargin: `${NEAR_PX}px` });

  #onVisibility = () => {
    clearTimeout(this.#hiddenTimer);
    const set = hidden => {
      this.#hidden = hidden;
      this.#onChange();
    };
    if (document.visibilityState === 'hidden') this.#hiddenTimer = setTimeout(set, HIDDEN_MS, true);
    else set(false);
  };

  /** @param {Event} event */
  #onPictureInPicture = event => {
    if (this.#views.has(/** @type {HTMLVideoElement} */ (event.target))) this.#onChange();
  };

  /** @param {Element} element @param {object} what */
  #set(element, what) {
    const view = this.#views.get(/** @type {HTMLVideoElement} */ (element));
    if (view) Object.assign(view, what);
  }

  /** @param {HTMLVideoElement} element @param {string} key */
  add(element, key) {
    const known = this.#views.get(element);
    if (known) {
      known.key = key;
      return;
    }
    if (this.#views.size === 0) this.#listen(true);
    const { width, height } = element.getBoundingClientRect();
    // In sight until the observers know better, a moment later.
    this.#views.set(element, {
      key, width: pixels(width * devicePixelRatio), height: pixels(height * devicePixelRatio), inSight: true,
    });
    this.#sight.observe(element);
    try {
      this.#sizes.observe(element, { box: 'device-pixel-content-box' });
    } catch {
      this.#sizes.observe(element); // Safari
    }
  }

  /** @param {HTMLVideoElement} element */
  remove(element) {
    if (!this.#views.delete(element)) return;
    this.#sight.unobserve(element);
    this.#sizes.unobserve(element);
    if (this.#views.size === 0) this.#listen(false);
  }

  /** @param {string} key */
  removeAll(key) {
    for (const element of this.elements(key)) this.remove(element);
  }

  /** @param {string} key @returns {HTMLVideoElement[]} */
  elements(key) {
    return [...this.#views].filter(([, view]) => view.key === key).map(([element]) => element);
  }

  /** The largest that shows it; nothing when none is meant to. @param {string} key @returns {Wish|undefined} */
  look(key) {
    const elements = this.elements(key);
    if (elements.length === 0) return undefined;
    let width = 0;
    let height = 0;
    let paused = true;
    for (const element of elements) {
      const view = this.#views.get(element);
      const floating = document.pictureInPictureElement === element;
      if (!view || ((this.#hidden || !view.inSight) && !floating)) continue;
      paused = false;
      width = Math.max(width, view.width);
      height = Math.max(height, view.height);
    }
    return paused ? { paused } : { width, height };
  }

  /** @param {boolean} on */
  #listen(on) {
    const what = on ? 'addEventListener' : 'removeEventListener';
    document[what]('visibilitychange', this.#onVisibility);
    document[what]('enterpictureinpicture', this.#onPictureInPicture, true);
    document[what]('leavepictureinpicture', this.#onPictureInPicture, true);
    clearTimeout(this.#hiddenTimer);
    this.#hidden = on && document.visibilityState === 'hidden';
  }
}

/** @param {number} size */
const pixels = size => Math.min(MAX_WISH_PX, Math.round(size));

/**
 * Switches a sender's encodings off and on as they are wanted, without renegotiation. Switches on only what it has switched
 * off itself, so an application's own `active: false` stays.
 */
class EncodingSwitch {
  /** @type {RTCRtpSender} */ #sender;
  /** @type {Map<string, boolean>} by rid; what is absent is wanted */ #wanted = new Map();
  /** @type {Set<string>} rids */ #off = new Set();
  #running = false;

  /** @param {RTCRtpSender} sender */
  constructor(sender) {
    this.#sender = sender;
  }

  /** @param {Map<string, boolean>} wanted */
  want(wanted) {
    this.#wanted = wanted;
    if (!this.#running) this.#run();
  }

  async #run() {
    this.#running = true;
    // Browsers refuse parameters while a description is being set, and Chromium may forget them again then: what counts is
    // what is wanted, and what is there, in the end.
    for (let tries = 0; tries < SWITCH_TRIES; tries++) {
      const parameters = this.#sender.getParameters();
      const changes = this.#differs(parameters);
      if (changes.length === 0) break;
      for (const encoding of changes) {
        encoding.active = !encoding.active;
        if (!encoding.active) this.#off.add(encoding.rid ?? '');
      }
      try {
        await this.#sender.setParameters(parameters);
      } catch {
        if (this.#sender.transport?.state === 'closed') break;
        await wait(SWITCH_PAUSE_MS);
      }
    }
    this.#running = false;
  }

  /** @param {RTCRtpSendParameters} parameters @returns {RTCRtpEncodingParameters[]} what is to be turned over */
  #differs(parameters) {
    return (parameters.encodings ?? []).filter(({ rid = '', active }) => {
      const wanted = this.#wanted.get(rid) ?? this.#wanted.get('') ?? true;
      if (wanted && active) this.#off.delete(rid);
      return wanted ? !active && this.#off.has(rid) : active;
    });
  }
}

/** Whether this browser knows scalability modes; Firefox does not. */
let modesKnown = /** @type {boolean|undefined} */ (undefined);

function knowsModes() {
  if (modesKnown === undefined) {
    const pc = new RTCPeerConnection();
    const { sender } = pc.addTransceiver('video', { sendEncodings: [{ scalabilityMode: 'L1T2' }] });
    modesKnown = 'scalabilityMode' in (sender.getParameters().encodings[0] ?? {});
    pc.close();
  }
  return modesKnown;
}

/**
 * The encodings of a publication, the lowest first; null to leave them to the browser. Simulcast has as many as the picture
 * is large enough for: Chromium leaves out the last ones, which are the best, when there are more.
 *
 * @param {Publication} publication @returns {RTCRtpEncodingParameters[]|null}
 */
function encodingsFor({ source, track, encoding }) {
  const { simulcast, scalabilityMode, maxBitrate, maxFramerate } = encoding;
  if (!isVideo(source)) return maxBitrate ? [{ maxBitrate }] : null;
  const limits = maxFramerate ? { maxFramerate } : {};
  const inOneStream = /^[LS][23]/.test(scalabilityMode ?? '') && knowsModes();
  if (inOneStream || !simulcast) {
    const mode = scalabilityMode ? { scalabilityMode } : {};
    const one = { ...limits, ...mode, ...(maxBitrate ? { maxBitrate } : {}) };
    return Object.keys(one).length > 0 ? [one] : null;
  }
  const { width = 1280, height = 720 } = track?.getSettings() ?? {};
  const area = width * height;
  const best = maxBitrate ?? 2_500_000;
  const layers = [
    { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: Math.min(150_000, Math.round(best / 12)) },
    { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: Math.min(500_000, Math.round(best / 4)) },
    { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: best },
  ];
  // Text on a quarter of a screen cannot be read.
  const most = source === 'screen' ? 2 : 3;
  const count = Math.min(most, area >= 960 * 540 ? 3 : area >= 480 * 270 ? 2 : 1);
  // Without a mode, VP9 and AV1 would take three encodings as spatial layers of one stream.
  const mode = /^L1/.test(scalabilityMode ?? '') ? scalabilityMode : 'L1T3';
  if (count === 1) return [{ maxBitrate: best, ...limits, scalabilityMode: mode }];
  return layers.slice(3 - count).map(layer => ({ ...layer, ...limits, scalabilityMode: mode }));
}

/**
 * A sending transceiver; with fewer frame rates, or none, where the browser refuses the mode.
 *
 * @param {RTCPeerConnection} pc
 * @param {MediaStreamTrack|string} trackOrKind
 * @param {RTCRtpEncodingParameters[]|null} sendEncodings
 */
function addSender(pc, trackOrKind, sendEncodings) {
  /** @type {RTCRtpTransceiverInit} */
  const init = { direction: 'sendonly' };
  if (!sendEncodings) return pc.addTransceiver(trackOrKind, init);
  for (const mode of [undefined, 'L1T2', 'L1T1']) {
    const encodings = mode ? sendEncodings.map(e => ({ ...e, scalabilityMode: mode })) : sendEncodings;
    try {
      return pc.addTransceiver(trackOrKind, { ...init, sendEncodings: encodings });
    } catch (e) {
      if (!(e instanceof DOMException) || e.name !== 'OperationError') throw e;
    }
  }
  const plain = sendEncodings.map(({ scalabilityMode, ...rest }) => rest);
  return pc.addTransceiver(trackOrKind, { ...init, sendEncodings: plain });
}

/**
 * Negotiates the dependency descriptor where the browser can: without it nobody can tell the layers of AV1 apart, and Chromium does
 * not decode several spatial ones.
 *
 * @param {any} transceiver
 */
function describeLayers(transceiver) {
  if (!transceiver.setHeaderExtensionsToNegotiate) return;
  const extensions = transceiver.getHeaderExtensionsToNegotiate();
  const descriptor = extensions.find(({ uri }) => uri.endsWith('dependency-descriptor-rtp-header-extension'));
  if (!descriptor) return;
  descriptor.direction = 'sendrecv';
  transceiver.setHeaderExtensionsToNegotiate(extensions);
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
