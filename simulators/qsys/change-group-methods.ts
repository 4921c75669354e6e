import { z } from 'zod';
import { type Method, method, nameSchema } from './methods.ts';

const idSchema = z.union([z.string(), z.number()]);
const groupSchema = z.object({ Id: idSchema });

export const changeGroupMethods: Record<string, Method> = {
  'ChangeGroup.AddControl': method(
    groupSchema.extend({ Controls: z.array(nameSchema) }),
    ({ design, groups }, { Id, Controls }) => {
      groups.add(
        Id,
        Controls.map((name) => ({ control: design.named(name), named: name })),
      );
      return true;
    },
  ),
  'ChangeGroup.AddComponentControl': method(
    groupSchema.extend({
      Component: z.object({ Name: nameSchema, Controls: z.array(z.object({ Name: nameSchema })) }),
    }),
    ({ design, groups }, { Id, Component }) => {
      design.component(Component.Name);
      groups.add(
        Id,
        Component.Controls.map(({ Name }) => ({ control: design.controlOf(Component.Name, Name), named: null })),
      );
      return true;
    },
  ),
  'ChangeGroup.Remove': method(
    groupSchema.extend({ Controls: z.array(nameSchema) }),
    ({ groups }, { Id, Controls }) => {
      const unknown = groups.remove(Id, Controls);
      return unknown.length === 0 ? true : unknown;
    },
  ),
  'ChangeGroup.Poll': method(groupSchema, ({ groups }, { Id }) => groups.poll(Id)),
  'ChangeGroup.AutoPoll': method(
    groupSchema.extend({ Rate: z.number().positive().max(86_400) }),
    ({ groups }, { Id, Rate }) => groups.autoPoll(Id, Rate),
  ),
  'ChangeGroup.Invalidate': method(groupSchema, ({ groups }, { Id }) => {
    groups.invalidate(Id);
    return true;
  }),
  'ChangeGroup.Clear': method(groupSchema, ({ groups }, { Id }) => {
    groups.clear(Id);
    return true;
  }),
  'ChangeGroup.Destroy': method(groupSchema, ({ groups }, { Id }) => {
    groups.destroy(Id);
    return true;
  }),
};
