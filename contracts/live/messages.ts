/** What a socket of ours says: each text frame is one of these, as JSON. */
import { Type } from 'typebox';
import { Timestamp, Uuid } from '../scalars.ts';

export const HelloMessage = Type.Object({
  type: Type.Literal('hello'),
  last_event_id: Type.Integer({
    description: 'What happened up to here is not told again, unless asked for',
  }),
});

export const EventMessage = Type.Object({
  type: Type.Literal('event'),
  id: Type.Integer({ description: 'Grows from message to message; give the last one as `after` to resume' }),
  at: Timestamp,
  name: Type.String({ description: 'For example `database.create`' }),
  resource_id: Uuid,
  root_id: Uuid,
  payload: Type.Record(Type.String(), Type.Unknown()),
});

export const ResetMessage = Type.Object({
  type: Type.Literal('reset', {
    description: 'Too much was missed: read the state anew, then go on listening',
  }),
});

/** The answer to text that has no meaning. */
export const EchoMessage = Type.Object({ type: Type.Literal('echo'), message: Type.String() });

export const EventFeedMessage = Type.Union([HelloMessage, EventMessage, ResetMessage, EchoMessage]);
