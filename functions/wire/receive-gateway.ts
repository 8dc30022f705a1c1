import { receiveGateway } from '../receive-gateway.ts';
import { receiving } from './receiving.ts';

const needs = receiving(process.env, 'receive-gateway');
export const handler = receiveGateway(needs, needs.logger);
