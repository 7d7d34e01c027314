// The channels that a person sees, and the app.

import { Avatar, Icon } from "./icons";
import { app, channels, newest, people, user } from "./store";
import type { Channel, User } from "./types";

export const others = (place: Channel, me: string): User[] =>
  place.members.filter((id) => id !== me).map((id) => user(id)!).filter((one) => one && !one.isBot);

export function nameOf(place: Channel, me: string): string {
  if (place.kind === "app-dm") return app().manifest.display_information.name;
  const isPeople = place.kind === "im" || place.kind === "mpim";
  return isPeople ? others(place, me).map((one) => one.realName).join(", ") : place.name;
}

/** Who is written to: one face, or the first two of a group. */
export function Faces({ place, me }: { place: Channel; me: string }) {
  const [first, second] = others(place, me);
  if (!first) return <Avatar {...user(me)!} />;
  if (!second) return <Avatar {...first} />;
  return <span class="faces"><Avatar {...first} isSmall /><Avatar {...second} isSmall /></span>;
}

export const visible = (me: string): Channel[] =>
  channels().filter((one) => one.kind === "public" || one.members.includes(me));

interface Props {
  me: string;
  place: string;
  seen: Record<string, number>;
  onPlace: (id: string) => void;
}

function Entry({ one, me, place, seen, onPlace }: Props & { one: Channel }) {
  const isNew = one.id !== place && newest(me, one.id) > (seen[`${me} ${one.id}`] ?? 0);
  const isPerson = one.kind === "im" || one.kind === "mpim";
  return (
    <li>
      <button type="button" class={`entry ${isNew ? "is-new" : ""}`} aria-current={one.id === place ? "page" : undefined} onClick={() => onPlace(one.id)}>
        {isPerson ? <Faces place={one} me={me} /> : one.kind === "app-dm" ? <Avatar {...user(app().bot)!} /> : one.kind === "private" ? <Icon name="lock" /> : <span class="hash" aria-hidden="true">#</span>}
        <span class="entry-name" title={isPerson ? nameOf(one, me) : undefined}>{nameOf(one, me)}</span>
        {one.kind === "private" && <span class="hidden"> (private)</span>}
        {isNew && <span class="hidden"> (new messages)</span>}
      </button>
    </li>
  );
}

export function Sidebar(props: Props) {
  const { me } = props;
  const all = visible(me);
  const group = (title: string, kinds: string[]) => (
    <section>
      <h2>{title}</h2>
      <ul>{all.filter((one) => kinds.includes(one.kind)).map((one) => <Entry key={one.id} {...props} one={one} />)}</ul>
    </section>
  );
  return (
    <nav class="sidebar" aria-label="Channels">
      {group("Channels", ["public", "private"])}
      {group("Direct messages", ["im", "mpim"])}
      <section>
        <h2>Apps</h2>
        <ul>
          {all.filter((one) => one.kind === "app-dm").map((one) => <Entry key={one.id} {...props} one={one} />)}
        </ul>
      </section>
    </nav>
  );
}

export function ActAs({ me, onMe }: { me: string; onMe: (id: string) => void }) {
  return (
    <label class="act-as">
      <span>You are</span>
      <Avatar {...user(me)!} />
      <select value={me} onChange={(event) => onMe(event.currentTarget.value)}>
        {people().map((one) => <option key={one.id} value={one.id}>{one.realName}</option>)}
      </select>
    </label>
  );
}
