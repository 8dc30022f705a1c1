import { receiveReturn } from '../receive-return.ts';
import { receiving } from './receiving.ts';

const needs = receiving(process.env, 'receive-return');
export const handler = receiveReturn(needs, needs.logger);
