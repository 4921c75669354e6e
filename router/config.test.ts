import { describe, expect, it } from 'vitest';
import { readRouterConfig } from './config.ts';

describe('the router’s settings', () => {
  it('are lists where they are lists', () => {
    const { rates, doors } = readRouterConfig({
      ROUTER_RATE_FIELDS: 'login=20/60, register=10/3600',
      ROUTER_CORS_ORIGINS: 'https://console.example , http://localhost:5173',
    });
    expect(rates.fields).toEqual([
      { field: 'login', points: 20, seconds: 60 },
      { field: 'register', points: 10, seconds: 3_600 },
    ]);
    expect(doors.origins).toEqual(['https://console.example', 'http://localhost:5173']);
  });

  it.each([
    ['ROUTER_CORS_ORIGINS', '*'],
    ['ROUTER_CORS_ORIGINS', 'https://console.example/'],
    ['ROUTER_CORS_ORIGINS', 'https://a.example,console.example'],
    ['ROUTER_CORS_ORIGINS', 'null'],
    ['ROUTER_RATE_FIELDS', 'login'],
    ['ROUTER_RATE_FIELDS', 'login=0/60'],
    ['ROUTER_RATE_FIELDS', 'login=20/0'],
    ['ROUTER_RATE_OPERATIONS', '-1'],
    ['ROUTER_MAX_COST', 'many'],
    ['ROUTER_INTROSPECTION', 'perhaps'],
    ['ROUTER_PROXY_HOPS', '11'],
    ['REDIS_URL', 'http://redis'],
  ])('are refused where they are wrong: %s=%s', (name, value) => {
    expect(() => readRouterConfig({ [name]: value })).toThrow(name);
  });
});
